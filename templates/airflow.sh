eval "${METAFLOW_INIT_SCRIPT:-}"
set -eu
export PYTHONUNBUFFERED=x MF_PATHSPEC=$METAFLOW_FLOW_NAME/$METAFLOW_RUN_ID/$METAFLOW_STEP_NAME/$METAFLOW_AIRFLOW_TASK_ID
# Metaflow's @kubernetes looks these up; where no pod says them they are empty.
for name in POD_NAMESPACE POD_NAME POD_ID SERVICE_ACCOUNT_NAME NODE_IP; do
  name=METAFLOW_KUBERNETES_$name; export "$name=${!name-}"
done
export MF_DATASTORE=$METAFLOW_DEFAULT_DATASTORE MF_ATTEMPT=$METAFLOW_RETRY_COUNT MFLOG_STDOUT=/tmp/mflog_stdout MFLOG_STDERR=/tmp/mflog_stderr
#CODE
FLOW=(#TOP)
task() {
  if [ -n "${FLOWC_PARAMETERS_TASK:-}" ]; then
    [ "$METAFLOW_RETRY_COUNT" != 0 ] && "${FLOW[@]}" dump --max-value-size=0 "$METAFLOW_RUN_ID/_parameters/$FLOWC_PARAMETERS_TASK" >/dev/null 2>&1 ||
    "${FLOW[@]}" #INIT
  fi
  printf '%s\n' "$FLOWC_INPUT_PATHS" > /tmp/mf-input-paths
  mf_index=
  [ -z "${FLOWC_SPLIT_INDEX:-}" ] || mf_index="--split-index $FLOWC_SPLIT_INDEX"
  "${FLOW[@]}" #STEP
  if [ -n "${FLOWC_SWITCH:-}" ]; then
    "${FLOW[@]}" dump --private --include _transition --file /tmp/mf-next "$METAFLOW_RUN_ID/$METAFLOW_STEP_NAME/$METAFLOW_AIRFLOW_TASK_ID" >/dev/null
    python -c '
import json, pickle
with open("/tmp/mf-next", "rb") as file:
    dumped = pickle.load(file)
path = "/airflow/xcom/return.json"
with open(path) as file:
    result = json.load(file)
result["flowc_next"] = next(iter(dumped.values()))["_transition"][0][0]
with open(path, "w") as file:
    json.dump(result, file)'
  fi
}
set +e
( set -e; task ) 1>> >(python -m metaflow.mflog.tee task $MFLOG_STDOUT) 2>> >(python -m metaflow.mflog.tee task $MFLOG_STDERR >&2); code=$?
python -m metaflow.mflog.save_logs
exit $code
