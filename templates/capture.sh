eval "${METAFLOW_KUBERNETES_SANDBOX_INIT_SCRIPT:-}"
set -eu
export PYTHONUNBUFFERED=x MFLOG_STDOUT=/tmp/mflog_stdout
#PACKAGE
export METAFLOW_ARGO_WORKFLOW_FAILURES="$(echo "$FLOWC_FAILURES" | base64 -d)"
export METAFLOW_ARGO_ERROR="$(python -m metaflow.plugins.argo.capture_error)"
python -c '
import json, os
error = json.loads(os.environ["METAFLOW_ARGO_ERROR"]) or {}
print("The first failure: " + error.get("message", "not known"))'
eval "${METAFLOW_ARGO_WORKFLOWS_CAPTURE_ERROR_SCRIPT:-}"
