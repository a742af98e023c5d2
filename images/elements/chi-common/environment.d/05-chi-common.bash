export CHI_CONSOLE_AUTOLOGIN=${CHI_CONSOLE_AUTOLOGIN:-no}

# Interfaces are cloud-init's, and have the names that systemd gives them.
export DIB_APT_MINIMAL_CREATE_INTERFACES=0

# Microcode and firmware of network cards, in the component that Debian's installer enables too.
case "${DIB_RELEASE:-}" in
    bookworm | trixie | forky)
        DIB_DEBIAN_COMPONENTS=${DIB_DEBIAN_COMPONENTS:-main}
        if [[ ",$DIB_DEBIAN_COMPONENTS," != *,non-free-firmware,* ]]; then
            DIB_DEBIAN_COMPONENTS+=,non-free-firmware
        fi
        export DIB_DEBIAN_COMPONENTS
        ;;
esac
