eval "${METAFLOW_KUBERNETES_SANDBOX_INIT_SCRIPT:-}"
set -eu
export PYTHONUNBUFFERED=x MFLOG_STDOUT=/tmp/mflog_stdout
#PACKAGE
exec python -m metaflow.plugins.exit_hook.exit_hook_script "$METAFLOW_FLOW_FILENAME" "$FLOWC_HOOK" "$METAFLOW_FLOW_NAME/argo-$ARGO_WORKFLOW_NAME"
