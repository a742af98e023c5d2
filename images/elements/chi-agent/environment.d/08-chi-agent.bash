export CHI_AGENT_TRIM=${CHI_AGENT_TRIM:-no}
export DIB_IPA_COMPRESS_CMD=${DIB_IPA_COMPRESS_CMD:-"zstd -q -12 -T0"}

# Not from git, which is what "source" means to source-repositories.
export DIB_INSTALLTYPE_glean=package
export DIB_INSTALLTYPE_requirements=package
export DIB_INSTALLTYPE_ironic_python_agent=package

# Only there inside of the chroot.
if [ -r /tmp/requirements/upper-constraints.txt ]; then
    export PIP_CONSTRAINT=/tmp/requirements/upper-constraints.txt
fi
