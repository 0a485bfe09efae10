eval "${METAFLOW_KUBERNETES_SANDBOX_INIT_SCRIPT:-}"
set -eu
export PYTHONUNBUFFERED=x MFLOG_STDOUT=/tmp/mflog_stdout
#PACKAGE
exec #TOP argo-workflows heartbeat --run_id "argo-$ARGO_WORKFLOW_NAME" #TAGS
