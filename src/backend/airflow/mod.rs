//! From a plan to one Airflow DAG file for Airflow 2.10 to 3.3: constants, a few helpers, one operator a step.
//! Nested foreaches are flattened, and a step that has nothing to do skips itself: see `templates/airflow.py.j2`.

use minijinja::{Environment, context};

use super::Emitted;
use super::script::EXPORTED;
use crate::plan::environment::{self, Runtime};
use crate::plan::{Fan, Plan, TaskId};
use crate::request::EnvVar;
use python::Py;
use wiring::Names;

mod dag;
pub mod notices;
mod operator;
mod python;
mod script;
mod sensor;
mod wiring;

const TEMPLATE: &str = include_str!("../../../templates/airflow.py.j2");

/// The DAG file of a flow.
pub fn emit(plan: &Plan) -> Emitted {
    let name = dag::id(plan);
    Emitted {
        files: vec![(format!("{name}.py"), file(plan))],
        measures: Vec::new(),
    }
}

fn file(plan: &Plan) -> String {
    let names = Names::new(plan);
    let sensors = sensor::sensors(plan, &names);
    let may_give_up = sensor::may_give_up(plan);
    let switches: Vec<&str> = plan
        .tasks
        .iter()
        .filter(|task| task.is_switch())
        .map(|task| task.step.as_str())
        .collect();
    let foreaches = foreaches(plan);
    let parameters = dag::initial_variables(plan);
    let after = |count: usize, used: usize| move |py: Py| py.write(count, used, 0);
    let values = context! {
        title => dag::title(plan),
        version => env!("CARGO_PKG_VERSION"),
        file => dag::in_docstring(&plan.flow.file_name),
        digest => plan.flow.digest.get(..16).unwrap_or(&plan.flow.digest),
        is_3 => plan.deployment.airflow.version.is_some_and(|version| version.major == 3),
        zone => dag::has_zone(plan),
        flow => python::quote(&plan.flow.name),
        parameters => some(&parameters).map(after(0, "PARAMETERS = ".len())),
        foreaches => some(&foreaches).map(after(0, "FOREACHES = ".len())),
        switches => (!switches.is_empty()).then(|| Py::texts(switches.iter().copied()).write(0, "SWITCHES = ".len(), 0)),
        needs_results => plan.tasks.len() > 1,
        may_give_up,
        start => python::quote(first(plan)),
        skips => !switches.is_empty() || !foreaches.is_empty() || (may_give_up && plan.tasks.len() > 1),
        imports_before => sensor::imports(&sensors, sensor::When::Always),
        imports_2 => sensor::imports(&sensors, sensor::When::Airflow2),
        imports_3 => sensor::imports(&sensors, sensor::When::Airflow3),
        script => python::block(&script::script(plan)),
        environment => constants(plan).write(0, "ENVIRONMENT = ".len(), 0),
        labels => labels().write(0, "LABELS = ".len(), 0),
        annotations => annotations(plan).write(0, "ANNOTATIONS = ".len(), 0),
        pod => pod(plan).write(0, "POD = ".len(), 0),
        dag => dag::call(plan),
        steps => steps(plan, &names, &sensors),
        edges => edges(plan, &names, &sensors),
    };
    render(&values)
}

/// The template is part of the program and its values are texts, so that rendering cannot fail.
fn render(values: &minijinja::Value) -> String {
    let mut jinja = Environment::new();
    jinja.set_keep_trailing_newline(true);
    jinja.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    jinja
        .render_str(TEMPLATE, values)
        .unwrap_or_else(|error| format!("# {error:#}\n"))
}

fn some(entries: &[(String, Py)]) -> Option<Py> {
    (!entries.is_empty()).then(|| Py::dict(entries.iter().cloned()))
}

/// The name of the first step.
fn first(plan: &Plan) -> &str {
    let first = plan.tasks.iter().find(|task| task.role.is_start);
    first.map_or("", |task| task.step.as_str())
}

/// Each foreach with the one that it is in.
fn foreaches(plan: &Plan) -> Vec<(String, Py)> {
    let opens = plan
        .tasks
        .iter()
        .filter(|task| matches!(task.role.fans, Fan::Foreach { .. }));
    let outer = |id: Option<TaskId>| id.map_or(Py::None, |id| Py::text(plan.task(id).step.as_str()));
    opens
        .map(|task| (task.step.clone(), outer(task.foreach())))
        .collect()
}

/// What Metaflow's `@kubernetes` wants to know of the pod.
const OF_POD: [(&str, &str); 6] = [
    ("METAFLOW_KUBERNETES_NAMESPACE", "metadata.namespace"),
    ("METAFLOW_KUBERNETES_POD_NAMESPACE", "metadata.namespace"),
    ("METAFLOW_KUBERNETES_POD_NAME", "metadata.name"),
    ("METAFLOW_KUBERNETES_POD_ID", "metadata.uid"),
    (
        "METAFLOW_KUBERNETES_SERVICE_ACCOUNT_NAME",
        "spec.serviceAccountName",
    ),
    ("METAFLOW_KUBERNETES_NODE_IP", "status.hostIP"),
];
const WORKLOAD: &str = "METAFLOW_KUBERNETES_WORKLOAD";

/// What the template's `Step` adds when a task begins.
const OF_TASK: [&str; 6] = [
    "METAFLOW_RUN_ID",
    "METAFLOW_AIRFLOW_TASK_ID",
    "METAFLOW_AIRFLOW_DAG_RUN_ID",
    "METAFLOW_AIRFLOW_JOB_ID",
    "METAFLOW_STEP_NAME",
    "METAFLOW_RETRY_COUNT",
];

/// The variables of every container.
fn constants(plan: &Plan) -> Py {
    let common = common(plan);
    let mut variables: Vec<Py> = common
        .iter()
        .map(|variable| operator::variable(&variable.name, &variable.value))
        .collect();
    variables.push(operator::variable(WORKLOAD, "1"));
    for (name, field) in OF_POD {
        let source = Py::dict([("fieldRef", Py::dict([("fieldPath", Py::text(field))]))]);
        variables.push(Py::dict([("name", Py::text(name)), ("valueFrom", source)]));
    }
    Py::List(variables)
}

fn common(plan: &Plan) -> Vec<EnvVar> {
    let runtime = Runtime {
        user: &plan.deployment.owner,
        name: "airflow",
        environment: "kubernetes",
    };
    environment::common(plan, runtime)
}

/// Variables that the definition sets itself: they stand behind a user's `@environment`, and the last one counts.
pub fn own_variables(plan: &Plan) -> Vec<String> {
    let common = common(plan).into_iter().map(|variable| variable.name);
    let fixed = OF_POD.into_iter().map(|(name, _)| name).chain(OF_TASK);
    let fixed = fixed.chain([WORKLOAD]).chain(EXPORTED);
    common.chain(fixed.map(str::to_owned)).collect()
}

/// By which Metaflow's pods are found.
fn labels() -> Py {
    let labels = [
        ("app", "metaflow"),
        ("app.kubernetes.io/name", "metaflow-task"),
        ("app.kubernetes.io/part-of", "metaflow"),
    ];
    Py::dict(labels.map(|(name, value)| (name, Py::text(value))))
}

/// Whose flow a pod belongs to.
fn annotations(plan: &Plan) -> Py {
    let owner = plan.deployment.owner.as_str();
    let mut entries = vec![
        ("metaflow/owner", owner),
        ("metaflow/user", owner),
        ("metaflow/flow_name", plan.flow.name.as_str()),
    ];
    let token = plan.deployment.production_token.as_deref();
    entries.extend(token.map(|token| ("metaflow/production_token", token)));
    if let Some(project) = &plan.flow.project {
        entries.extend([
            ("metaflow/project_name", project.project.as_str()),
            ("metaflow/branch_name", project.branch.as_str()),
            ("metaflow/project_flow_name", project.flow.as_str()),
        ]);
    }
    Py::dict(entries.into_iter().map(|(name, value)| (name, Py::text(value))))
}

fn pod(plan: &Plan) -> Py {
    Py::dict(operator::defaults(plan))
}

/// One assignment a step, the task of a foreach's items behind the step that opens it.
fn steps(plan: &Plan, names: &Names, sensors: &[sensor::Sensor]) -> String {
    let mut lines: Vec<String> = sensors
        .iter()
        .map(|sensor| {
            format!(
                "    {} = {}",
                sensor.variable,
                sensor.call.write(4, python::width(&sensor.variable) + 3, 0)
            )
        })
        .collect();
    for id in plan.ids() {
        let name = names.step(id);
        let call = operator::operator(plan, id, names).write(4, python::width(name) + 3, 0);
        lines.push(format!("    {name} = {call}"));
        if matches!(plan.task(id).role.fans, Fan::Foreach { .. }) {
            let (name, step) = (names.paths(id), Py::text(plan.task(id).step.as_str()));
            let call = Py::Call {
                callee: "foreach".to_owned(),
                arguments: vec![step],
                keywords: Vec::new(),
            };
            lines.push(format!(
                "    {name} = {}",
                call.write(4, python::width(name) + 3, 0)
            ));
        }
    }
    lines.join("\n")
}

/// The dependencies, behind an empty line where there are any.
fn edges(plan: &Plan, names: &Names, sensors: &[sensor::Sensor]) -> String {
    let first = plan.ids().find(|&id| plan.task(id).role.is_start);
    let start = first.map_or("", |id| names.step(id));
    let waits = sensors
        .iter()
        .map(|sensor| (sensor.variable.clone(), start.to_owned()));
    let lines: Vec<String> = waits
        .chain(wiring::edges(plan, names))
        .map(|(from, to)| edge(&from, &to))
        .collect();
    if lines.is_empty() {
        String::new()
    } else {
        format!("\n{}\n", lines.join("\n"))
    }
}

/// `a >> b`, broken as `ruff format` breaks it where the names are long.
fn edge(from: &str, to: &str) -> String {
    let line = format!("    {from} >> {to}");
    if python::width(&line) <= python::WIDTH {
        line
    } else {
        format!("    (\n        {from}\n        >> {to}\n    )")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_template_sets_is_known() {
        let keys = TEMPLATE
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("\"METAFLOW_"));
        let names: Vec<String> = keys
            .filter_map(|rest| rest.split_once("\": "))
            .map(|(name, _)| format!("METAFLOW_{name}"))
            .collect();
        assert_eq!(names, OF_TASK);
    }
}
