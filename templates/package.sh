mf_say() { echo "$1"; echo "[MFLOG|0|$(date -u +%FT%T.%6N)Z|task|$(date +%s%N)]$1" >> $MFLOG_STDOUT; }
[ -n "${METAFLOW_SKIP_INSTALL_DEPENDENCIES:-}" ] || python -m pip install -qqq --no-compile --no-cache-dir --disable-pip-version-check #DEPENDENCIES
mkdir -p metaflow/.metaflow; cd metaflow
for mf_try in 1 2 3 4 5 6 -; do
  [ $mf_try != - ] || { mf_say "No code package after 6 tries: $METAFLOW_CODE_URL"; exit 1; }
  mf_say "Downloading code package..."
  #DOWNLOAD && {
    echo "$METAFLOW_CODE_SHA  job.tar" | sha1sum -c >/dev/null 2>&1 && break
    mf_say "The code package is not the one of digest $METAFLOW_CODE_SHA"
  }
  sleep 10
done
TAR_OPTIONS=--warning=no-timestamp tar -xzf job.tar
export PYTHONPATH=$PWD/.mf_code:${PYTHONPATH:-} METAFLOW_EXTRACTED_ROOT=$PWD
