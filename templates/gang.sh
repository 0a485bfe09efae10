eval "${METAFLOW_KUBERNETES_SANDBOX_INIT_SCRIPT:-}"
set -eu
mf_run=argo-$ARGO_WORKFLOW_NAME
export METAFLOW_RUN_ID=$mf_run
export METAFLOW_TASK_ID=$TASK_ID_PREFIX-$FLOWC_ENTROPY-$TASK_ID_SUFFIX
export PYTHONUNBUFFERED=x MF_PATHSPEC=$METAFLOW_FLOW_NAME/$mf_run/$METAFLOW_STEP_NAME/$METAFLOW_TASK_ID
export MF_DATASTORE=$METAFLOW_DEFAULT_DATASTORE MF_ATTEMPT=$METAFLOW_RETRY_COUNT MFLOG_STDOUT=/tmp/mflog_stdout MFLOG_STDERR=/tmp/mflog_stderr
#EVENTS
#PACKAGE
#PYTHON
mf_flow=(#TOP)
mf_task() {
#BOOTSTRAP
  mf_index="--split-index ${MF_CONTROL_INDEX:-$((MF_WORKER_REPLICA_INDEX + 1))} --ubf-context $UBF_CONTEXT"
  echo "$INPUT_PATHS" > /tmp/mf-input-paths
  "${mf_flow[@]}" #STEP
}
set +e  # a task that fails is to save its logs; within `( … ) || c=$?` errors would not end it
( set -e; mf_task ) 1>> >(python -m metaflow.mflog.tee task $MFLOG_STDOUT) 2>> >(python -m metaflow.mflog.tee task $MFLOG_STDERR >&2); mf_code=$?
python -m metaflow.mflog.save_logs
exit $mf_code
