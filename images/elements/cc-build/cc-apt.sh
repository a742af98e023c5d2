# Where packages come from, for hooks outside and inside of the chroot.
# shellcheck shell=bash

# The distribution's own archives, as diskimage-builder's elements know them, not those of this
# machine: "archive security". Runs outside of the chroot, where the elements are.
function cc_public_archives {
    (
        unset DIB_DISTRIBUTION_MIRROR DIB_DEBIAN_DISTRIBUTION_MIRROR DIB_DEBIAN_SECURITY_MIRROR
        unset DIB_APT_SOURCES_CONF DIB_UBUNTU_DISTRIBUTION_MIRROR
        case "$DISTRO_NAME" in
            debian) defaults=debian-minimal/environment.d/10-debian-minimal.bash ;;
            ubuntu) defaults=ubuntu-common/environment.d/10-ubuntu-distro-name.bash ;;
        esac
        # shellcheck source=/dev/null
        source "${ELEMENTS_PATH##*:}/$defaults"
        security=${DIB_DEBIAN_SECURITY_MIRROR:-$DIB_DISTRIBUTION_MIRROR}
        # Debian's own sources name this directory of the server.
        if [ "$DISTRO_NAME" = debian ] && [[ "$security" != */debian-security ]]; then
            security=${security%/}/debian-security
        fi
        echo "$DIB_DISTRIBUTION_MIRROR $security"
    )
}

# Components: the distribution's own choice, what the stage below had, what this one asks for.
# $1: root of the image
function cc_components {
    local known default had
    case "$DISTRO_NAME" in
        debian) known="main contrib non-free non-free-firmware" default="main non-free-firmware" ;;
        ubuntu) known="main restricted universe multiverse" default=$known ;;
    esac
    if [ "$DIB_RELEASE" = bullseye ]; then
        known="main contrib non-free" default=main
    fi
    had=$(sed -n 's/^Components: //p' "$1/etc/apt/sources.list.d/$DISTRO_NAME.sources" 2>/dev/null || true)
    local wanted=" $default $had ${DIB_DEBIAN_COMPONENTS:-} "
    local component found=""
    wanted=${wanted//[$'\n',]/ }
    for component in $known; do
        if [[ "$wanted" == *" $component "* ]]; then
            found+=" $component"
        fi
    done
    echo "${found# }"
}

# Suites with updates of the distribution's own archive: "bookworm bookworm-updates". Backports of
# Debian are there where an element of this stage or of one below asked for them.
# $1: root of the image
function cc_suites {
    local backports=""
    if [ "${CC_APT_BACKPORTS:-no}" = yes ] \
        || grep -qs "^Suites: .*$DIB_RELEASE-backports" "$1/etc/apt/sources.list.d/debian.sources"; then
        backports=" $DIB_RELEASE-backports"
    fi
    case "$DISTRO_NAME $DIB_RELEASE" in
        "debian testing" | "debian unstable" | "debian sid") echo "$DIB_RELEASE" ;;
        debian*) echo "$DIB_RELEASE $DIB_RELEASE-updates$backports" ;;
        ubuntu*) echo "$DIB_RELEASE $DIB_RELEASE-updates $DIB_RELEASE-backports" ;;
    esac
}

# A deb822 text. $1: archive, $2: archive of security updates, $3: root of the image
function cc_sources {
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg components
    components=$(cc_components "$3")
    if [ "$DISTRO_NAME" = ubuntu ]; then
        keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg
    fi
    printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: %s\nSigned-By: %s\n' \
        "$1" "$(cc_suites "$3")" "$components" "$keyring"
    if [[ " testing unstable sid " != *" $DIB_RELEASE "* ]]; then
        printf '\nTypes: deb\nURIs: %s\nSuites: %s\nComponents: %s\nSigned-By: %s\n' \
            "$2" "$DIB_RELEASE-security" "$components" "$keyring"
    fi
}
