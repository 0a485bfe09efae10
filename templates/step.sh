eval "${METAFLOW_KUBERNETES_SANDBOX_INIT_SCRIPT:-}"
set -eu
mf_run=argo-$ARGO_WORKFLOW_NAME
export METAFLOW_RUN_ID=$mf_run
export METAFLOW_TASK_ID=t-$(echo "$METAFLOW_STEP_NAME-$FLOWC_CREATED-${FLOWC_ROOT_INPUT_PATH:-$INPUT_PATHS}-${FLOWC_SPLIT_INDEX:-}" | md5sum | cut -c 17-32)
export PYTHONUNBUFFERED=x MF_PATHSPEC=$METAFLOW_FLOW_NAME/$mf_run/$METAFLOW_STEP_NAME/$METAFLOW_TASK_ID
export MF_DATASTORE=$METAFLOW_DEFAULT_DATASTORE MF_ATTEMPT=$METAFLOW_RETRY_COUNT MFLOG_STDOUT=/tmp/mflog_stdout MFLOG_STDERR=/tmp/mflog_stderr
#EVENTS
#PACKAGE
#PYTHON
mf_flow=(#TOP)
mf_task() {
#BOOTSTRAP
  mf_paths=$INPUT_PATHS
  mf_index=
  if [ -n "${FLOWC_PARAMETERS:-}" ]; then  # start: store the parameters of the run, unless an earlier attempt did
#INCLUDED
    mf_paths=$mf_run/_parameters/$METAFLOW_TASK_ID-params
    [ "$METAFLOW_RETRY_COUNT" != 0 ] && "${mf_flow[@]}" dump --max-value-size=0 "$mf_paths" >/dev/null 2>&1 ||
    python -c '
import base64, json, os, sys
for name, text in json.loads(base64.b64decode(os.environ["FLOWC_PARAMETERS"])).items():
    if name.endswith("?") and text.strip() == "null":  # the default is None: null means not given
        continue
    if text.strip().startswith("\""):  # a JSON string is its content, any other text itself
        try:
            text = json.loads(text)
        except ValueError:
            pass
    os.environ["METAFLOW_INIT_" + name.rstrip("?").replace("-", "_").upper()] = text
os.execvp(sys.argv[1], sys.argv[1:])
' "${mf_flow[@]}" #INIT
#GANG-JOIN
  elif [ -n "${FLOWC_JOIN_OF:-}" ]; then  # join of a foreach: compute the ids of the tasks it joins
    mf_paths=$mf_run/$FLOWC_JOIN_OF/:$(python -c '
import hashlib, sys
text, width = "%s-%s-%s-" % tuple(sys.argv[1:4]), int(sys.argv[4])
print(",".join("t-" + hashlib.md5((text + str(index) + "\n").encode()).hexdigest()[-16:] for index in range(width)))
' "$FLOWC_JOIN_OF" "$FLOWC_CREATED" "$mf_paths" "$FLOWC_SPLIT_CARDINALITY")
  elif [ -n "${FLOWC_SPLIT_INDEX:-}" ] && [ -z "${FLOWC_ROOT_INPUT_PATH:-}" ]; then  # first step of a foreach body
    mf_index="--split-index $FLOWC_SPLIT_INDEX"
  fi
  echo "$mf_paths" > /tmp/mf-input-paths
  "${mf_flow[@]}" #STEP
}
set +e  # a task that fails is to save its logs; within `( … ) || c=$?` errors would not end it
( set -e; mf_task ) 1>> >(python -m metaflow.mflog.tee task $MFLOG_STDOUT) 2>> >(python -m metaflow.mflog.tee task $MFLOG_STDERR >&2); mf_code=$?
python -m metaflow.mflog.save_logs
[ $mf_code = 0 ] || exit $mf_code
printf %s "$mf_run/$METAFLOW_STEP_NAME/$METAFLOW_TASK_ID" > /mnt/out/path
