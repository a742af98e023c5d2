# The driver is in non-free, its open kernel modules in contrib, their firmware in non-free-firmware.
export DIB_DEBIAN_COMPONENTS=main,contrib,non-free,non-free-firmware
export CHI_CUDA_TOOLKIT=${CHI_CUDA_TOOLKIT:-no}
export CHI_CUDA_REPOSITORY=${CHI_CUDA_REPOSITORY:-}

# Kernels get security updates that the release's own driver does not follow: that of Debian 13 does
# not compile for 6.12.117. Backports have one that does.
if [ "${DIB_RELEASE:-}" = trixie ] && [ -z "$CHI_CUDA_REPOSITORY" ]; then
    export CC_APT_BACKPORTS=yes
fi
