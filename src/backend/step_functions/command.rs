//! The command of a job, on one line: strict validators refuse a text with line ends. Programs are joined by
//! `&&`; texts of users are quoted for bash.

use super::compute::Batch;
use super::route::{Entry, Parent, Route};
use crate::backend::download;
use crate::plan::command::{self, RuntimeVar, Word, shell_quote};
use crate::plan::python_environment::{self, Interpreter};
use crate::plan::{Plan, Task};
use crate::request::Compute;
use crate::settings::Code;

const INTERNAL: &str = "step_functions_internal";

/// Where the job's logs go before they are stored: a folder of its own, since that of the code may be read-only.
const HEAD: &str = "MF_OWN=$(mktemp -d) && export PYTHONUNBUFFERED=x MF_PATHSPEC=$METAFLOW_FLOW_NAME/sfn-$METAFLOW_RUN_ID/$METAFLOW_STEP_NAME/$AWS_BATCH_JOB_ID MF_DATASTORE=s3 MF_ATTEMPT=$((AWS_BATCH_JOB_ATTEMPT-1)) MFLOG_STDOUT=$MF_OWN/mflog_stdout MFLOG_STDERR=$MF_OWN/mflog_stderr";
const TAIL: &str = "1>> >(python -m metaflow.mflog.tee task $MFLOG_STDOUT) 2>> >(python -m metaflow.mflog.tee task $MFLOG_STDERR >&2); c=$?; python -m metaflow.mflog.save_logs; exit $c";

const INSTALL: &str = r#"{ [ "$METAFLOW_SKIP_INSTALL_DEPENDENCIES" ] || python -m pip install -qqq --no-compile --no-cache-dir --disable-pip-version-check boto3 requests#METAFLOW; }"#;
const DOWNLOAD: &str = r#"for MF_TRY in 1 2 3 4 5 6 -; do [ $MF_TRY != - ] || { echo "Failed to download code package from $METAFLOW_CODE_URL after 6 tries"; exit 1; }; python -c 'import os,boto3; e=os.environ; b,k=e["METAFLOW_CODE_URL"][5:].split("/",1); boto3.client("s3",endpoint_url=e.get("METAFLOW_S3_ENDPOINT_URL")).download_file(b,k,"job.tar")' && echo "$METAFLOW_CODE_SHA  job.tar" | sha1sum -c && break; sleep 10; done"#;
const UNPACK: &str = "TAR_OPTIONS=--warning=no-timestamp tar -xzf job.tar && export PYTHONPATH=$PWD/.mf_code:$PYTHONPATH METAFLOW_EXTRACTED_ROOT=$PWD";

/// Unpacks the environment that Metaflow solved for a step (Metaflow 2.19: `conda_environment.py`).
const BOOTSTRAP: &str = r"echo 'Bootstrapping virtual environment...' && DISABLE_TRACING=True python -m metaflow.plugins.pypi.bootstrap $METAFLOW_FLOW_NAME #ID s3 && export PATH=$PATH:$PWD/micromamba/bin MF_ARCH=$(case $(uname -m) in (aarch64) echo linux-aarch64;; (*) echo linux-64;; esac)";

/// Merges the execution's input over the defaults, then runs the rest of its command with the values where
/// `init` looks for them. The input is decoded once: a text in it is final. No shell sees a value.
const PARAMETERS: &str = r#"python -c 'import os,sys,json; e=os.environ; p=json.loads(e.get("METAFLOW_DEFAULT_PARAMETERS","{}")); i=json.loads(e["METAFLOW_INPUT"]).get("Parameters") or {}; i=(json.loads(i) if isinstance(i,str) else i) or {}; p.update({k:v for k,v in i.items() if v is not None}); e.update({"METAFLOW_INIT_"+k.upper().replace("-","_"):v if isinstance(v,str) else json.dumps(v) for k,v in p.items()}); os.execvp(sys.argv[1],sys.argv[1:])'"#;

/// The last task of a foreach's body tells the join, under the foreach task's id, which item it belongs to.
/// A set: a repeated attempt changes nothing.
const REPORT_CHILD: &str = r#"python -c 'import os,boto3; e=os.environ; boto3.client("dynamodb").update_item(TableName=e["METAFLOW_SFN_DYNAMO_DB_TABLE"],Key={"pathspec":{"S":e["METAFLOW_SPLIT_PARENT_TASK_ID_FOR_FOREACH_JOIN"]}},UpdateExpression="ADD children :v",ExpressionAttributeValues={":v":{"SS":[e["METAFLOW_SPLIT_INDEX"]+"/"+e["METAFLOW_STEP_NAME"]+"/"+e["AWS_BATCH_JOB_ID"]]}})'"#;

/// The input paths of a foreach's join, in the order of the items; in a file, because a word of a command holds no more than
/// 131,072 bytes.
const READ_CHILDREN: &str = r#"python -c 'import os,boto3; e=os.environ; s=boto3.client("dynamodb").get_item(TableName=e["METAFLOW_SFN_DYNAMO_DB_TABLE"],Key={"pathspec":{"S":e["METAFLOW_SPLIT_PARENT_TASK_ID"]}},ConsistentRead=True)["Item"]["children"]["SS"]; print("sfn-"+e["METAFLOW_RUN_ID"]+":"+",".join("/"+x.split("/",1)[1] for x in sorted(s,key=lambda x:int(x.split("/")[0]))))' >$MF_OWN/inputs"#;

/// A switch leaves the step that it chose for the choice state, found in the artifact `_transition`.
const REPORT_CHOICE: &str = r#"python -c 'import os,sys,time,pickle,boto3; e=os.environ; t=list(pickle.load(open(sys.argv[1],"rb")).values())[0]["_transition"]; boto3.client("dynamodb").put_item(TableName=e["METAFLOW_SFN_DYNAMO_DB_TABLE"],Item={"pathspec":{"S":e["AWS_BATCH_JOB_ID"]},"next_step":{"S":t[0][0]},"ttl":{"N":str(int(time.time())+7776000+int(e.get("METAFLOW_SFN_WORKFLOW_TIMEOUT",31622400)))}})' $MF_OWN/next"#;

/// The whole command of a job, without the shell that runs it.
pub fn line(route: Route<'_>, batch: &Batch, user_retries: u32, attempts: u32) -> String {
    let writer = Writer {
        route,
        user_retries,
        attempts,
    };
    let mut parts = Vec::new();
    parts.extend(writer.before());
    parts.push(format!("({}) {TAIL}", writer.body(batch).join(" && ")));
    parts.join(" && ")
}

/// What the command of every job sets before Metaflow starts.
const VARIABLES: [&str; 6] = [
    "MF_OWN",
    "MF_PATHSPEC",
    "MF_DATASTORE",
    "MF_ATTEMPT",
    "MFLOG_STDOUT",
    "MFLOG_STDERR",
];

/// The variables of its own that the command of a task sets: a task does not see what a user gave under such a name.
pub fn variables(plan: &Plan, task: &Task) -> Vec<&'static str> {
    let mut names = VARIABLES.to_vec();
    if matches!(plan.deployment.code, Code::Package { .. }) {
        names.extend(["MF_TRY", "METAFLOW_EXTRACTED_ROOT"]);
    }
    if environment(plan, task).is_some() {
        names.push("MF_ARCH");
    }
    if names_flow_once(task) {
        names.push("MF");
    }
    names
}

/// Is the flow called more than once, so that its words stand in a variable?
fn names_flow_once(task: &Task) -> bool {
    task.role.is_start || task.is_switch()
}

struct Writer<'a> {
    route: Route<'a>,
    user_retries: u32,
    attempts: u32,
}

impl Writer<'_> {
    /// What prepares the container.
    fn before(&self) -> Vec<String> {
        let deployment = &self.route.plan.deployment;
        let mut parts = Vec::new();
        match &deployment.code {
            Code::Image { directory } => {
                parts.extend(
                    directory
                        .iter()
                        .map(|directory| format!("cd {}", quote(directory))),
                );
                parts.push(HEAD.to_owned());
                parts.extend(command::metadata_folder(self.route.plan).map(str::to_owned));
            }
            Code::Package { metaflow, .. } => {
                let install = INSTALL.replace("#METAFLOW", &download::installed(metaflow));
                let folder = "mkdir -p metaflow/.metaflow && cd metaflow";
                parts.extend([HEAD, &install, folder, DOWNLOAD, UNPACK].map(str::to_owned));
            }
        }
        parts
    }

    /// What runs with its output kept.
    fn body(&self, batch: &Batch) -> Vec<String> {
        let task = self.route.task();
        let environment = environment(self.route.plan, task);
        let mut parts: Vec<String> = environment
            .iter()
            .map(|id| BOOTSTRAP.replace("#ID", id))
            .collect();
        let top = self.top(batch, environment);
        let flow = if names_flow_once(task) {
            parts.push(format!("MF=({top})"));
            r#""${MF[@]}""#.to_owned()
        } else {
            top
        };
        match self.route.entry {
            Entry::Execution => {
                parts.extend(command::store_included(self.route.plan).map(|words| self.words(words)));
                parts.push(self.init(&flow));
            }
            Entry::Map(_) => parts.push(READ_CHILDREN.to_owned()),
            Entry::Job | Entry::Item | Entry::Again | Entry::Branches(_) => {}
        }
        parts.push(format!("{flow} {}", self.words(command::step(self.route.plan))));
        if self.route.leads_to_join_of().is_some() {
            parts.push(REPORT_CHILD.to_owned());
        }
        if task.is_switch() {
            let task = format!("sfn-$METAFLOW_RUN_ID/{}/$AWS_BATCH_JOB_ID", quote(&task.step));
            parts.push(format!(
                "{flow} dump --private --include _transition --file $MF_OWN/next {task}"
            ));
            parts.push(REPORT_CHOICE.to_owned());
        }
        parts
    }

    /// Interpreter, flow and its options.
    fn top(&self, batch: &Batch, environment: Option<String>) -> String {
        let compute = (!batch.is_written && !self.is_for_kubernetes()).then_some("batch");
        let mut words = command::top(self.route.plan, compute, INTERNAL);
        let Some(id) = environment else {
            return self.words(words);
        };
        words.remove(0);
        format!("$MF_ARCH/{id}/bin/python -s {}", self.words(words))
    }

    /// Does a step ask for Kubernetes? Metaflow looks at all steps in every task, and refuses one with both decorators.
    fn is_for_kubernetes(&self) -> bool {
        let mut tasks = self.route.plan.tasks.iter();
        tasks.any(|task| matches!(task.request.compute, Compute::Kubernetes(_)))
    }

    /// Stores the parameters, unless an earlier attempt did.
    fn init(&self, flow: &str) -> String {
        let init = format!("{flow} {}", self.words(command::init(self.route.plan)));
        let init = if self.route.plan.parameters.is_empty() {
            init
        } else {
            format!("{PARAMETERS} {init}")
        };
        if self.attempts == 1 {
            return init;
        }
        let parameters = "sfn-$METAFLOW_RUN_ID/_parameters/$AWS_BATCH_JOB_ID-params";
        format!(
            "{{ [ $MF_ATTEMPT != 0 ] && {flow} dump --max-value-size=0 {parameters} >/dev/null 2>&1 || {init}; }}"
        )
    }

    fn words(&self, words: Vec<Word>) -> String {
        let root = format!("--datastore-root={}", self.route.plan.deployment.datastore.root);
        let spelled = words.into_iter().filter_map(|word| match word {
            // A bundle knows the bucket when it is deployed.
            Word::Text(text) if text == root => {
                Some(r#"--datastore-root="$METAFLOW_DATASTORE_SYSROOT_S3""#.to_owned())
            }
            Word::Text(text) => Some(quote(&text)),
            Word::Var(variable) => Some(self.variable(variable)),
            Word::InputPaths => Some(self.input_paths()),
            Word::SplitIndex => {
                (self.route.entry == Entry::Item).then(|| "--split-index $METAFLOW_SPLIT_INDEX".to_owned())
            }
        });
        spelled.collect::<Vec<_>>().join(" ")
    }

    fn variable(&self, variable: RuntimeVar) -> String {
        match variable {
            RuntimeVar::Step => quote(&self.route.task().step),
            RuntimeVar::RunId => "sfn-$METAFLOW_RUN_ID".to_owned(),
            RuntimeVar::TaskId => "$AWS_BATCH_JOB_ID".to_owned(),
            RuntimeVar::ParametersTaskId => "$AWS_BATCH_JOB_ID-params".to_owned(),
            RuntimeVar::RetryCount => "$MF_ATTEMPT".to_owned(),
            RuntimeVar::UserRetries => self.user_retries.to_string(),
        }
    }

    fn input_paths(&self) -> String {
        let run = "sfn-$METAFLOW_RUN_ID";
        let paths = match self.route.entry {
            Entry::Execution => format!("{run}/_parameters/$AWS_BATCH_JOB_ID-params"),
            Entry::Map(_) => return "--input-paths-filename $MF_OWN/inputs".to_owned(),
            Entry::Branches(split) => format!("{run}:{}", branch_paths(self.route.branch_ends(split))),
            Entry::Job | Entry::Item | Entry::Again => match self.route.parent() {
                Parent::Step(step) => format!("{run}/{}/$METAFLOW_PARENT_TASK_ID", quote(&step)),
                Parent::OneOf => format!("{run}/$METAFLOW_PARENT_STEP/$METAFLOW_PARENT_TASK_ID"),
            },
        };
        format!("--input-paths {paths}")
    }
}

/// The last tasks of the branches, in the order of the split.
fn branch_paths(ends: Vec<Parent>) -> String {
    let paths = ends.into_iter().enumerate().map(|(index, end)| {
        let step = match end {
            Parent::Step(step) => quote(&step),
            Parent::OneOf => format!("$METAFLOW_PARENT_{index}_STEP"),
        };
        format!("/{step}/$METAFLOW_PARENT_{index}_TASK_ID")
    });
    paths.collect::<Vec<_>>().join(",")
}

/// The id of the solved environment that a step runs in.
fn environment(plan: &Plan, task: &Task) -> Option<String> {
    match python_environment::interpreter(plan, task) {
        Interpreter::OfImage => None,
        Interpreter::Solved(id) => Some(id),
        // In a draft alone.
        Interpreter::Unnamed => Some("PYTHON-VERSION".to_owned()),
    }
}

/// A text as one word of bash, on one line.
fn quote(text: &str) -> String {
    if !text.chars().any(char::is_control) {
        // In two words that stand together, no template takes `${AWS::Region}` for a reference.
        return shell_quote(text).replace("${", "$''{");
    }
    let mut out = String::from("$'");
    for character in text.chars() {
        match character {
            '\'' | '\\' => out.extend(['\\', character]),
            '{' => out.push_str("\\x7b"),
            '\n' => out.push_str("\\n"),
            _ if character.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => out.push(character),
        }
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_word_on_one_line() {
        assert_eq!(quote("a\nb'\\\u{7f}é"), r"$'a\nb\'\\\u007fé'");
        assert_eq!(quote("$(id)"), "'$(id)'");
        assert_eq!(quote("${AWS::Region}"), "'$''{AWS::Region}'");
    }

    #[test]
    fn programs_stand_on_one_line_between_single_quotes() {
        for program in [DOWNLOAD, PARAMETERS, REPORT_CHILD, READ_CHILDREN, REPORT_CHOICE] {
            assert!(!program.contains('\n'));
            assert_eq!(program.matches('\'').count(), 2, "{program}");
        }
    }
}
