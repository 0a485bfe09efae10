//! Step Functions: the shapes of flows and what is made of them.

use std::collections::{BTreeMap, BTreeSet};

use flowc::backend::{self, Emitted, Format};
use flowc::flow::{Flow, Tail, Transition};
use flowc::graph::FlowGraph;
use flowc::lint;
use flowc::plan::{Origin, Plan};
use flowc::settings::step_functions::Bundle;
use flowc::settings::{Deployment, StepFunctionsSettings};
use flowc::target::{Target, TargetVersion, Version};
use serde_json::{Value as Json, json};

use crate::sketch;

mod flows;
mod hostile;
mod interpreter;
mod mistakes;
mod model;
mod programs;
mod recorded;
mod refused;
mod second;

use model::Chooser;

pub fn deployment() -> Deployment {
    Deployment {
        step_functions: StepFunctionsSettings {
            region: Some("eu-central-1".to_owned()),
            job_queue: Some("queue".to_owned()),
            job_role: Some("arn:aws:iam::123456789012:role/job".to_owned()),
            table: Some("table".to_owned()),
            ..StepFunctionsSettings::default()
        },
        ..crate::argo::deployment()
    }
}

/// What is emitted for a sketch.
pub fn emitted(text: &str, deployment: &Deployment) -> Emitted {
    let (flow, _) = sketch::flow(text);
    let graph = FlowGraph::new(&flow);
    let target = TargetVersion {
        target: Target::StepFunctions,
        oldest: Version::new(1, 0),
        newest: Version::new(1, 0),
    };
    let checked = lint::run(&graph, &[], Some(target)).checked.unwrap();
    let origin = Origin {
        file_name: "flow.py".to_owned(),
        digest: String::new(),
        ..Origin::default()
    };
    backend::emit(&Plan::new(&checked, deployment, &origin), Format::Usual)
}

/// The state machine of a sketch.
pub fn machine(text: &str, deployment: &Deployment) -> Json {
    serde_json::from_str(&emitted(text, deployment).files[0].1).unwrap()
}

/// The sketches of all shapes that Step Functions is asked to run, by name.
pub fn shapes() -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/argo/shapes");
    #[expect(clippy::disallowed_methods, reason = "a test reads its fixtures")]
    let read = |path: &std::path::Path| std::fs::read_to_string(path).unwrap();
    let mut shapes: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.file_stem().unwrap().to_str().unwrap().to_owned(),
                read(&path),
            )
        })
        .filter(|(_, text)| !is_refused(&sketch::flow(text).0))
        .collect();
    shapes.sort();
    assert!(shapes.len() >= 28, "{} shapes", shapes.len());
    shapes
}

/// Metaflow refuses a switch that leads to a join, and a start that is recursive; AWS Batch has no gangs.
fn is_refused(flow: &Flow) -> bool {
    let is_join = |name: &str| {
        flow.steps
            .iter()
            .any(|step| step.name == name && step.argument_count > 1)
    };
    flow.steps.iter().any(|step| match &step.tail {
        Tail::Next {
            transition: transition @ Transition::Switch { .. },
            ..
        } => {
            let targets = transition.targets();
            targets
                .iter()
                .any(|target| is_join(&target.name) || target.name == "start")
        }
        Tail::Next {
            transition: Transition::Parallel { .. },
            ..
        } => true,
        _ => false,
    })
}

/// Executes a machine with widths of 1 to 3 and every outcome of every switch, and holds the tasks and their inputs
/// against what the flow means: how many executions those were, and the longest overrides of each state.
pub fn runs_as_the_flow_says(
    name: &str,
    flow: &Flow,
    machine: &Json,
    input: &Json,
) -> (usize, BTreeMap<String, usize>) {
    let mut longest = BTreeMap::new();
    let mut runs = 0;
    for width in 1..=3 {
        let mut missing = None;
        for seed in 0..200 {
            let chooser = Chooser {
                flow,
                width,
                seed,
                is_even: false,
            };
            let missing = missing.get_or_insert_with(|| chooser.outcomes());
            if seed >= 12 && missing.is_empty() {
                break;
            }
            let execution = interpreter::run_with(machine, input.clone(), &chooser);
            assert_eq!(
                execution.inputs,
                model::run(&chooser),
                "{name}, width {width}, seed {seed}"
            );
            for taken in model::taken(&execution.inputs) {
                missing.remove(&taken);
            }
            for (state, length) in execution.overrides {
                let most = longest.entry(state).or_default();
                *most = length.max(*most);
            }
            runs += 1;
        }
        assert_eq!(
            missing,
            Some(BTreeSet::new()),
            "{name}, width {width}: never chosen"
        );
    }
    (runs, longest)
}

#[test]
fn every_shape_runs_as_the_flow_says() {
    let mut runs = 0;
    for (name, text) in shapes() {
        let (flow, _) = sketch::flow(&text);
        for uses_distributed_map in [false, true] {
            let mut deployment = deployment();
            deployment.step_functions.uses_distributed_map = uses_distributed_map;
            let machine = machine(&text, &deployment);
            runs += runs_as_the_flow_says(&name, &flow, &machine, &json!({})).0;
        }
    }
    assert!(runs > 2000, "{runs} runs");
}

/// Flows that nobody drew: those of which no rule says an error.
#[test]
fn random_flows_run_as_they_say() {
    let target = TargetVersion::newest(Target::StepFunctions);
    let (mut flows, mut switches) = (0, 0);
    for seed in 0..600 {
        let text = crate::random::sketch(seed);
        let (flow, _) = sketch::flow(&text);
        let graph = FlowGraph::new(&flow);
        // Gangs of tasks, which their decorator would tell, are not drawn as such.
        if is_refused(&flow)
            || lint::run(&graph, lint::rules::ALL, Some(target))
                .checked
                .is_none()
        {
            continue;
        }
        let machine = machine(&text, &deployment());
        for seed in 0..4 {
            let chooser = Chooser {
                flow: &flow,
                width: 1 + seed % 3,
                seed,
                is_even: false,
            };
            let execution = interpreter::run(&machine, &chooser);
            assert_eq!(execution.inputs, model::run(&chooser), "{text}");
        }
        flows += 1;
        switches += usize::from(text.contains('?'));
    }
    assert!(
        flows > 60 && switches > 10,
        "{flows} flows, {switches} with a switch"
    );
}

/// The first job of a machine.
fn overrides<'a>(machine: &'a Json, state: &str) -> &'a Json {
    &machine["States"][state]["Parameters"]["ContainerOverrides"]
}

#[test]
fn compression_moves_what_all_jobs_share_to_the_job_definition() {
    let text = "start: end\nend\n";
    let plain = machine(text, &deployment());
    let mut compressing = deployment();
    compressing.step_functions.compress = true;
    let emitted = emitted(text, &compressing);
    let short: Json = serde_json::from_str(&emitted.files[0].1).unwrap();
    let definition: Json = serde_json::from_str(&emitted.files[1].1).unwrap();
    let named = &short["States"]["end"]["Parameters"]["JobDefinition"];
    assert_eq!(definition["jobDefinitionName"], *named);
    assert_eq!(
        emitted.files[1].0,
        format!("job-definitions/{}.json", named.as_str().unwrap())
    );
    let names = |variables: &Json, key: &str| -> std::collections::BTreeSet<String> {
        variables
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one[key].as_str().unwrap().to_owned())
            .collect()
    };
    let shared = names(&definition["containerProperties"]["environment"], "name");
    let own = names(&overrides(&short, "end")["Environment"], "Name");
    assert!(shared.is_disjoint(&own));
    assert_eq!(
        names(&overrides(&plain, "end")["Environment"], "Name"),
        &shared | &own
    );
    assert!(overrides(&short, "end").to_string().len() < overrides(&plain, "end").to_string().len() * 6 / 10);
}

#[test]
fn limits_are_held_against_the_longest_texts() {
    let mut wide = deployment();
    wide.step_functions.assume_width = Some(4000);
    let codes = |deployment: &Deployment, text: &str| -> Vec<&str> {
        let emitted = emitted(text, deployment);
        let mut codes: Vec<_> = backend::limits::check(&emitted.measures)
            .iter()
            .map(|found| found.rule.code)
            .collect();
        codes.dedup();
        codes
    };
    let foreach = "start: work foreach\nwork: join\njoin/2: end\nend\n";
    assert!(codes(&deployment(), foreach).is_empty());
    assert_eq!(codes(&wide, foreach), ["FLC525", "FLC527"]);
    wide.step_functions.assume_width = Some(10_000);
    assert_eq!(codes(&wide, foreach), ["FLC525", "FLC526", "FLC527"]);
    wide.step_functions.uses_distributed_map = true;
    assert_eq!(codes(&wide, foreach), ["FLC526"]);
    let mut long = deployment();
    long.metaflow.insert("DEBUG_X".to_owned(), "x".repeat(7000));
    assert_eq!(codes(&long, "start: end\nend\n"), ["FLC520"]);
    let said = backend::limits::check(&emitted("start: end\nend\n", &long).measures);
    assert!(
        said[0].message.contains("(7039 for METAFLOW_DEBUG_X, "),
        "{}",
        said[0].message
    );
    long.name = Some("n".repeat(81));
    assert_eq!(codes(&long, "start: end\nend\n"), ["FLC522", "FLC520"]);
    let name = "s".repeat(73);
    let switch = format!("start: {name}\n{name}: ? a b\na: end\nb: end\nend\n");
    assert_eq!(codes(&deployment(), &switch), ["FLC522"]);
}

const NOTED: &str = r#"from metaflow import FlowSpec, environment, project, step


@project(name="demo")
class Noted(FlowSpec):
    @environment(vars={"METAFLOW_RUN_ID": "x", "AWS_DEFAULT_REGION": "y", "SFN_STATE_MACHINE": "z", "MINE": "m"})
    @step
    def start(self):
        self.items = list(range(3000))
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Noted()
"#;

#[test]
fn the_partition_is_that_of_the_roles() {
    let mut chinese = deployment();
    chinese.step_functions.job_role = Some("arn:aws-cn:iam::123456789012:role/job".to_owned());
    let machine = machine("start: end\nend\n", &chinese);
    assert_eq!(
        machine["States"]["end"]["Resource"],
        "arn:aws-cn:states:::batch:submitJob.sync"
    );
}

#[test]
fn a_schedule_keeps_its_time_zone() {
    let scheduled = NOTED.replace(
        "@project(name=\"demo\")",
        "@schedule(cron=\"0 10 * * *\", timezone=\"Europe/Berlin\")",
    );
    let scheduled = scheduled.replace("project, step", "schedule, step");
    let project = crate::program::Project::new(&[("noted.py", scheduled.as_str())]);
    let common = recorded::DEPLOYMENT.iter().copied();
    let bundle = [
        "--code",
        "image",
        "noted.py",
        "--bundle",
        "cloudformation",
        "--format",
        "json",
    ];
    let ran = project.run(
        common
            .filter(|word| !["--region", "us-east-1"].contains(word))
            .chain(bundle),
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let template: Json = serde_json::from_str(&ran.out).unwrap();
    let schedule = &template["Resources"]["Schedule"]["Properties"];
    assert_eq!(schedule["ScheduleExpression"], "cron(0 10 * * ? *)");
    assert_eq!(schedule["ScheduleExpressionTimezone"], "Europe/Berlin");
}

#[test]
fn what_only_a_plan_shows_is_said() {
    let said = |options: &[&str]| {
        let project = crate::program::Project::new(&[("noted.py", NOTED)]);
        let common = recorded::DEPLOYMENT
            .iter()
            .copied()
            .chain(["--code", "image", "noted.py"]);
        project.run(common.chain(options.iter().copied()))
    };
    let plain = said(&[]);
    assert_eq!(plain.code, 0, "{}", plain.err);
    for name in ["METAFLOW_RUN_ID", "AWS_DEFAULT_REGION", "SFN_STATE_MACHINE"] {
        let wanted = format!("warning[FLC518]: `{name}` of `start` has no effect");
        assert!(plain.err.contains(&wanted), "{}", plain.err);
    }
    assert_eq!(plain.err.matches("FLC518").count(), 3, "{}", plain.err);
    // The source says how many items there are.
    assert!(plain.err.contains("note[FLC527]"), "{}", plain.err);
    let named = said(&["--name", "other"]);
    assert_eq!(named.code, 1);
    assert!(
        named
            .err
            .contains("error[FLC507]: `--name other` has no place in a project"),
        "{}",
        named.err
    );
}

#[test]
fn arms_of_a_switch_do_not_add_up_in_the_history() {
    let events = |text: &str| {
        let mut wide = deployment();
        wide.step_functions.assume_width = Some(10);
        let measures = emitted(text, &wide).measures;
        let found = measures
            .iter()
            .find(|one| one.limit == backend::Limit::ExecutionEvents);
        found.unwrap().size
    };
    // Execution 2; start and read 11; map 4; ten items of 2, and 6 a task; join and end 12.
    assert_eq!(
        events("start: a foreach\na: j\nj/2: end\nend\n"),
        2 + 11 + 4 + 10 * 8 + 12
    );
    // A switch: 6, read 5, choice 2; one arm.
    assert_eq!(
        events("start: s foreach\ns: ? a b\na: j\nb: b2\nb2: j\nj/2: end\nend\n"),
        2 + 11 + 4 + 10 * (2 + 13 + 12) + 12
    );
}

#[test]
fn a_distributed_map_takes_the_run_id_from_the_parameters() {
    let mut distributed = deployment();
    distributed.step_functions.uses_distributed_map = true;
    let machine = machine(
        "start: work foreach\nwork: join\njoin/2: end\nend\n",
        &distributed,
    );
    insta::assert_snapshot!(skeleton(&machine, 0));
    let map = &machine["States"]["*work"];
    assert_eq!(
        map["ItemProcessor"]["ProcessorConfig"],
        serde_json::json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"})
    );
    assert_eq!(
        map["ResultWriter"]["Parameters"]["Prefix"],
        "metaflow/sfn_distributed_map_output"
    );
}

/// What of a machine depends on the flow's shape.
fn skeleton(scope: &Json, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    let mut out = String::new();
    for (name, state) in scope["States"].as_object().unwrap() {
        let to = match (&state["Next"], &state["Choices"]) {
            (Json::String(next), _) => format!(" -> {next}"),
            (_, Json::Array(rules)) => rules
                .iter()
                .map(|rule| {
                    format!(
                        " [{} -> {}]",
                        rule["StringEquals"].as_str().unwrap(),
                        rule["Next"].as_str().unwrap()
                    )
                })
                .collect(),
            _ => String::new(),
        };
        out += &format!("{indent}{} {name}{to}\n", state["Type"].as_str().unwrap());
        let overrides = &state["Parameters"]["ContainerOverrides"];
        for variable in overrides["Environment"].as_array().into_iter().flatten() {
            if let Some(path) = variable.get("Value.$") {
                out += &format!(
                    "{indent}    {} = {}\n",
                    variable["Name"].as_str().unwrap(),
                    path.as_str().unwrap()
                );
            }
        }
        for (key, value) in state["Parameters"]["Parameters"]
            .as_object()
            .into_iter()
            .flatten()
        {
            if key.ends_with(".$") {
                out += &format!("{indent}    parameter {key} {}\n", value.as_str().unwrap());
            }
        }
        if let Some(command) = overrides["Command"][2].as_str() {
            out += &format!("{indent}    inputs {}\n", interpreter::paths_of(command));
        }
        for branch in state["Branches"].as_array().into_iter().flatten() {
            out += &format!("{indent}  branch\n{}", skeleton(branch, depth + 2));
        }
        if let Some(body) = state.get("ItemProcessor") {
            out += &skeleton(body, depth + 1);
        }
    }
    out
}

#[test]
fn every_shape_is_laid_out() {
    for (name, text) in shapes() {
        let machine = machine(&text, &deployment());
        if name != "parts" {
            insta::assert_snapshot!(
                format!("shape_{name}"),
                format!("{text}\n---\n{}", skeleton(&machine, 0))
            );
        }
    }
}

#[test]
fn a_whole_machine_and_its_template() {
    let text = "start: work foreach\nwork: join\njoin/2: end\nend\n";
    insta::assert_snapshot!(
        "machine",
        serde_json::to_string_pretty(&machine(text, &deployment())).unwrap()
    );
    let mut bundled = deployment();
    bundled.step_functions.bundle = Some(Bundle::CloudFormation);
    bundled.step_functions.with_iam = true;
    bundled.step_functions.with_table = true;
    bundled.step_functions.log_execution_history = true;
    insta::assert_snapshot!("template", emitted(text, &bundled).files[0].1);
}

/// A definition that AWS would refuse is not written: the setting is named.
#[test]
fn names_that_aws_refuses_are_refused() {
    let flow = "from metaflow import FlowSpec, step\n\n\nclass F(FlowSpec):\n    @step\n    def start(self):\n        pass\n";
    let project = crate::program::Project::new(&[("flow.py", flow)]);
    let wrong = [
        ("--table", "t", "step-functions.table: `t` is not"),
        ("--job-role", "jobs", "step-functions.job-role: `jobs` is not"),
        (
            "--job-queue",
            "a queue",
            "step-functions.job-queue: `a queue` is not",
        ),
        (
            "--region",
            "Frankfurt",
            "step-functions.region: `Frankfurt` is not",
        ),
    ];
    for (option, value, problem) in wrong {
        let words = [recorded::DEPLOYMENT, &["--code", "image:/app", "flow.py"]].concat();
        let before = words.iter().position(|word| *word == option).unwrap();
        let mut words = words;
        words[before + 1] = value;
        let ran = project.run(words).ends(2).complains(problem);
        assert_eq!(ran.out, "");
    }
}
