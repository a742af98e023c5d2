export DIB_RELEASE=${DIB_RELEASE:?cc-root needs DIB_RELEASE}
if [ -z "${DISTRO_NAME:-}" ]; then
    case "$DIB_RELEASE" in
        bionic | focal | jammy | noble | plucky | questing | resolute) DISTRO_NAME=ubuntu ;;
        *) DISTRO_NAME=debian ;;
    esac
fi
export DISTRO_NAME
export DIB_INIT_SYSTEM=systemd
export EFI_BOOT_DIR="EFI/$DISTRO_NAME"
