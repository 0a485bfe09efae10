eval "${METAFLOW_KUBERNETES_SANDBOX_INIT_SCRIPT:-}"
set -eu
mf_own=`mktemp -d`
export PYTHONUNBUFFERED=x MF_PATHSPEC=$METAFLOW_FLOW_NAME/$METAFLOW_RUN_ID/$METAFLOW_STEP_NAME/$METAFLOW_AIRFLOW_TASK_ID
# Metaflow's @kubernetes looks these up; where no pod says them they are empty.
for mf_name in POD_NAMESPACE POD_NAME POD_ID SERVICE_ACCOUNT_NAME NODE_IP; do
  mf_name=METAFLOW_KUBERNETES_$mf_name; export "$mf_name=${!mf_name-}"
done
export MF_DATASTORE=$METAFLOW_DEFAULT_DATASTORE MF_ATTEMPT=$METAFLOW_RETRY_COUNT MFLOG_STDOUT=$mf_own/mflog_stdout MFLOG_STDERR=$mf_own/mflog_stderr
#CODE
mf_flow=(#TOP)
mf_task() {
  if [ -n "${FLOWC_PARAMETERS_TASK:-}" ]; then
#INCLUDED
    [ "$METAFLOW_RETRY_COUNT" != 0 ] && "${mf_flow[@]}" dump --max-value-size=0 "$METAFLOW_RUN_ID/_parameters/$FLOWC_PARAMETERS_TASK" >/dev/null 2>&1 ||
    "${mf_flow[@]}" #INIT
  fi
  printf '%s' "$FLOWC_INPUT_PATHS" > "$mf_own/input-paths"
  for mf_part in ${!FLOWC_INPUT_PATHS_@}; do printf '%s' "${!mf_part}" >> "$mf_own/input-paths"; unset "$mf_part"; done
  mf_index=
  [ -z "${FLOWC_SPLIT_INDEX:-}" ] || mf_index="--split-index $FLOWC_SPLIT_INDEX"
  "${mf_flow[@]}" #STEP
  if [ -n "${FLOWC_SWITCH:-}" ]; then
    "${mf_flow[@]}" dump --private --include _transition --file "$mf_own/next" "$METAFLOW_RUN_ID/$METAFLOW_STEP_NAME/$METAFLOW_AIRFLOW_TASK_ID" >/dev/null
    mf_own=$mf_own python -c '
import json, os, pickle
with open(os.environ["mf_own"] + "/next", "rb") as file:
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
( set -e; mf_task ) 1>> >(python -m metaflow.mflog.tee task $MFLOG_STDOUT) 2>> >(python -m metaflow.mflog.tee task $MFLOG_STDERR >&2); mf_code=$?
python -m metaflow.mflog.save_logs
exit $mf_code
