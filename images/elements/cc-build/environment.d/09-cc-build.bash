# The same file is read outside and inside of the chroot; only there is /tmp/cc-build.
if [ -r /tmp/cc-build/ca.pem ]; then
    export PIP_CERT=/tmp/cc-build/ca.pem SSL_CERT_FILE=/tmp/cc-build/ca.pem
    export REQUESTS_CA_BUNDLE=/tmp/cc-build/ca.pem CURL_CA_BUNDLE=/tmp/cc-build/ca.pem
    export GIT_SSL_CAINFO=/tmp/cc-build/ca.pem
fi
if [ -r /tmp/cc-build/pip.conf ]; then
    export PIP_CONFIG_FILE=/tmp/cc-build/pip.conf
fi
