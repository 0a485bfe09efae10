//! Every check of Metaflow on decorators has its cases: what flowc finds in the smallest flow, or why it cannot
//! be seen there. The ids are those of `fixtures/metaflow/decorators.json`.

use std::collections::BTreeSet;

use flowc::decorator;
use flowc::diagnostic::{Diagnostic, Severity};
use flowc::graph::FlowGraph;
use flowc::lint::{self, rules};
use flowc::target::{Target, TargetVersion, Version};

use crate::{catalog, reading};

/// How the step `start` goes on.
#[derive(Clone, Copy, Debug)]
enum Goes {
    On,
    Foreach,
    Parallel,
    Switch,
}

impl Goes {
    fn transition(self) -> &'static str {
        match self {
            Self::On => "self.next(self.end)",
            Self::Foreach => "self.next(self.work, foreach='items')",
            Self::Parallel => "self.next(self.work, num_parallel=2)",
            Self::Switch => "self.next({'a': self.end, 'b': self.end}, condition='way')",
        }
    }
}

struct Case {
    id: &'static str,
    on_class: &'static str,
    on_step: &'static str,
    goes: Goes,
    target: Option<Target>,
    /// Name, and whether it is required.
    parameters: &'static [(&'static str, bool)],
    expected: Expected,
}

/// The findings of the worst severity, all of them of one rule.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Expected {
    Error(&'static str),
    Warning(&'static str),
    Note(&'static str),
    /// No error and no warning.
    Nothing,
    /// It is no matter of these rules, and why.
    Elsewhere,
}

const fn step(id: &'static str, on_step: &'static str) -> Case {
    Case {
        id,
        on_class: "",
        on_step,
        goes: Goes::On,
        target: None,
        parameters: &[],
        expected: Expected::Nothing,
    }
}

const fn class(id: &'static str, on_class: &'static str) -> Case {
    Case {
        on_class,
        ..step(id, "")
    }
}

/// `why` is for the reader.
const fn elsewhere(id: &'static str, _why: &'static str) -> Case {
    Case {
        expected: Expected::Elsewhere,
        ..step(id, "")
    }
}

impl Case {
    const fn on_class(self, on_class: &'static str) -> Self {
        Self { on_class, ..self }
    }

    const fn goes(self, goes: Goes) -> Self {
        Self { goes, ..self }
    }

    const fn on(self, target: Target) -> Self {
        Self {
            target: Some(target),
            ..self
        }
    }

    const fn with(self, parameters: &'static [(&'static str, bool)]) -> Self {
        Self { parameters, ..self }
    }

    const fn gives(self, expected: Expected) -> Self {
        Self { expected, ..self }
    }

    /// The smallest flow with these decorators.
    fn program(&self) -> String {
        let names: Vec<&str> = decorator::CATALOG
            .iter()
            .map(|decorator| decorator.name)
            .collect();
        let lines = |text: &str, indent: &str| -> String {
            text.lines().map(|line| format!("{indent}{line}\n")).collect()
        };
        let parameters: String = self
            .parameters
            .iter()
            .map(|(name, is_required)| {
                let required = if *is_required { "True" } else { "False" };
                format!("    {name} = Parameter('{name}', required={required})\n")
            })
            .collect();
        format!(
            "from datetime import timedelta\n\
             from metaflow import FlowSpec, Parameter, namespaced_event_name, step, {}\n\
             def hook(run): pass\n\
             {}class DemoFlow(FlowSpec):\n\
             {parameters}\
             {}    @step\n    def start(self):\n        {}\n\
             {}    @step\n    def end(self):\n        pass\n\
             if __name__ == '__main__':\n    DemoFlow()\n",
            names.join(", "),
            lines(self.on_class, ""),
            lines(self.on_step, "    "),
            self.goes.transition(),
            "    @step\n    def work(self):\n        self.next(self.join)\n\
                 @step\n    def join(self, inputs):\n        self.next(self.end)\n",
        )
    }

    fn found(&self) -> Vec<Diagnostic> {
        let checkup = reading::read(&self.program());
        let [flow] = checkup.flows.as_slice() else {
            panic!("{}: {:#?}", self.program(), checkup.diagnostics);
        };
        let graph = FlowGraph::new(flow);
        let target = self.target.map(|target| TargetVersion {
            target,
            oldest: Version::new(1, 0),
            newest: Version::new(9, 9),
        });
        let about_decorators = rules::ALL.iter().filter(|rule| rule.info.code.starts_with(['F']));
        let context = lint::Context {
            graph: &graph,
            target,
            namespace: Some(lint::DEFAULT_NAMESPACE),
        };
        let mut found = Vec::new();
        for rule in about_decorators.filter(|rule| rule.info.code.as_bytes()[3] != b'1') {
            (rule.check)(&context, &mut found);
        }
        // What flowc has still to learn says nothing about the flow.
        found.retain(|finding| !finding.message.ends_with(" yet"));
        found
    }
}

fn of(found: &[Diagnostic], severity: Severity) -> BTreeSet<&'static str> {
    let found = found.iter().filter(|finding| finding.severity == severity);
    found.map(|finding| finding.rule.code).collect()
}

fn verdict(found: &[Diagnostic]) -> (Option<Severity>, BTreeSet<&'static str>) {
    let worst = found.iter().map(|finding| finding.severity).min();
    (worst, worst.map(|worst| of(found, worst)).unwrap_or_default())
}

#[test]
fn each_case_is_judged() {
    let mut wrong = Vec::new();
    for case in CASES {
        let found = case.found();
        let (worst, codes) = verdict(&found);
        let is = |severity, code| worst == Some(severity) && codes == BTreeSet::from([code]);
        let is_right = match case.expected {
            Expected::Error(code) => is(Severity::Error, code),
            Expected::Warning(code) => is(Severity::Warning, code),
            Expected::Note(code) => is(Severity::Note, code),
            Expected::Nothing => worst.is_none_or(|worst| worst == Severity::Note),
            Expected::Elsewhere => true,
        };
        if !is_right {
            let said: Vec<String> = found
                .iter()
                .map(|finding| format!("{} {}", finding.rule.code, finding.message))
                .collect();
            wrong.push(format!(
                "{} {}{} on {:?}: expected {:?}, found {said:#?}",
                case.id, case.on_class, case.on_step, case.target, case.expected
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_check_is_forgotten() {
    let recorded = catalog::recorded();
    let decorators = recorded["decorators"].as_array().unwrap().iter();
    let own = decorators.flat_map(|decorator| decorator["validations"].as_array().unwrap());
    let common = recorded["common_rules"].as_array().unwrap().iter();
    let checks: BTreeSet<&str> = own
        .chain(common)
        .map(|check| check["id"].as_str().unwrap())
        .collect();
    let cased: BTreeSet<&str> = CASES.iter().map(|case| case.id).collect();
    let missing: Vec<_> = checks.difference(&cased).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
    assert_eq!(
        cased.difference(&checks).copied().collect::<Vec<_>>(),
        ["internal"]
    );
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    elsewhere("deco.not_a_step", "found while reading: FLC210, FLC211"),
    elsewhere("deco.not_a_flow", "found while reading: FLC211, FLC212, FLC213"),
    step("deco.unknown_attribute", "@retry(tiems=1)").gives(Expected::Error("FLC220")),
    step("deco.unknown_attribute", "@parallel(x=1)").gives(Expected::Error("FLC220")),
    class("deco.unknown_attribute", "@schedule(monthly=True)").gives(Expected::Error("FLC220")),
    elsewhere("deco.duplicate_step", "found while reading: FLC214"),
    elsewhere("deco.duplicate_flow", "found while reading: FLC214"),
    class("aext.dag_id", "@airflow_external_task_sensor").gives(Expected::Error("FLC240")),
    class("aext.dag_id", "@airflow_external_task_sensor(external_dag_id=None)").gives(Expected::Error("FLC240")),
    class("aext.dag_id", r#"@airflow_external_task_sensor(external_dag_id="d")"#).gives(Expected::Nothing),
    class("aext.state", r#"@airflow_external_task_sensor(external_dag_id="d",allowed_states="bogus")"#).gives(Expected::Error("FLC240")),
    class("aext.states", r#"@airflow_external_task_sensor(external_dag_id="d",allowed_states=["success", "x"])"#).gives(Expected::Error("FLC240")),
    class("aext.states_other", r#"@airflow_external_task_sensor(external_dag_id="d",allowed_states=("bogus",))"#).gives(Expected::Warning("FLC240")),
    class("aext.delta", r#"@airflow_external_task_sensor(external_dag_id="d",execution_delta=5)"#).gives(Expected::Error("FLC221")),
    class("aext.delta", r#"@airflow_external_task_sensor(external_dag_id="d",execution_delta=timedelta(hours=1))"#).gives(Expected::Nothing),
    class("as3.key", "@airflow_s3_key_sensor").gives(Expected::Error("FLC240")),
    class("as3.key", r#"@airflow_s3_key_sensor(bucket_key="s3://a/b")"#).gives(Expected::Nothing),
    class("conda_base.environment", r#"@conda_base(python="3.9")"#).gives(Expected::Note("FLC242")),
    class("exit_hook.none", "@exit_hook").gives(Expected::Error("FLC239")),
    class("exit_hook.none", "@exit_hook(on_success=[])").gives(Expected::Error("FLC239")),
    class("exit_hook.none", r#"@exit_hook(on_success=["f"])"#).gives(Expected::Nothing),
    class("exit_hook.item", "@exit_hook(on_error=[5])").gives(Expected::Error("FLC239")),
    class("exit_hook.not_iterable", "@exit_hook(on_error=hook)").gives(Expected::Error("FLC239")),
    class("exit_hook.string", r#"@exit_hook(on_error="fn")"#).gives(Expected::Warning("FLC239")),
    class("exit_hook.lambda", "@exit_hook(on_error=[lambda run: None])").gives(Expected::Warning("FLC239")),
    elsewhere("exit_hook.missing", "the names of the module are not part of the flow"),
    class("exit_hook.sfn", "@exit_hook(on_error=[hook])").on(Target::StepFunctions).gives(Expected::Error("FLC401")),
    class("exit_hook.airflow", "@exit_hook(on_error=[hook])").on(Target::Airflow).gives(Expected::Error("FLC401")),
    class("exit_hook.airflow", "@exit_hook(on_error=[hook])").on(Target::Argo).gives(Expected::Nothing),
    elsewhere("project.cli_conflict", "rests on options of the command line"),
    class("project.no_name", "@project").gives(Expected::Error("FLC236")),
    class("project.no_name", r#"@project(name="")"#).gives(Expected::Error("FLC236")),
    class("project.no_name", "@project(name=None)").gives(Expected::Error("FLC236")),
    class("project.name_chars", r#"@project(name="Abc")"#).gives(Expected::Error("FLC236")),
    class("project.name_chars", r#"@project(name="a-b")"#).gives(Expected::Error("FLC236")),
    class("project.name_chars", r#"@project(name="a.b")"#).gives(Expected::Error("FLC236")),
    class("project.name_chars", r#"@project(name="a b")"#).gives(Expected::Error("FLC236")),
    class("project.name_chars", "@project(name=\"ab\\n\")").gives(Expected::Error("FLC236")),
    class("project.name_len", r#"@project(name="a" * 129)"#).gives(Expected::Error("FLC236")),
    class("project.name_len", r#"@project(name="a" * 128)"#).gives(Expected::Nothing),
    class("project.branch_chars", r#"@project(name="a", branch="B-1")"#).gives(Expected::Error("FLC236")),
    class("project.branch_chars", r#"@project(name="a", branch="")"#).gives(Expected::Nothing),
    class("project.branch_len", r#"@project(name="a", branch="b" * 129)"#).gives(Expected::Error("FLC236")),
    class("project.name_type", "@project(name=5)").gives(Expected::Error("FLC236")),
    class("pypi_base.environment", r#"@pypi_base(packages={"a": "1"})"#).gives(Expected::Note("FLC242")),
    class("schedule.cron_unvalidated", r#"@schedule(cron="nonsense")"#).gives(Expected::Warning("FLC244")),
    class("schedule.cron_unvalidated", "@schedule(cron=5)").gives(Expected::Error("FLC221")),
    class("schedule.cron_unvalidated", r#"@schedule(timezone="Mars/Phobos")"#).gives(Expected::Warning("FLC245")),
    class("schedule.cron_unvalidated", r#"@schedule(timezone="Europe/Paris")"#).gives(Expected::Nothing),
    class("schedule.cron_unvalidated", r#"@schedule(cron="nonsense")"#).on(Target::Argo).gives(Expected::Error("FLC442")),
    class("schedule.cron_unvalidated", r#"@schedule(cron="nonsense")"#).on(Target::StepFunctions).gives(Expected::Error("FLC442")),
    class("schedule.cron_unvalidated", r#"@schedule(cron="nonsense")"#).on(Target::Airflow).gives(Expected::Error("FLC442")),
    class("schedule.cron_unvalidated", r#"@schedule(cron="0 0 L * ? *")"#).on(Target::Argo).gives(Expected::Error("FLC442")),
    class("schedule.cron_unvalidated", r#"@schedule(cron="0 0 L * ? *")"#).on(Target::StepFunctions).gives(Expected::Nothing),
    class("schedule.cron_unvalidated", r#"@schedule(cron="0 0 1 * 1")"#).on(Target::StepFunctions).gives(Expected::Error("FLC442")),
    class("schedule.cron_unvalidated", "@schedule(weekly=True, hourly=True)").gives(Expected::Warning("FLC246")),
    class("schedule.cron_unvalidated", "@schedule(daily=False)").gives(Expected::Warning("FLC246")),
    class("schedule.sfn_timezone", r#"@schedule(timezone="Europe/Paris")"#).on(Target::StepFunctions).gives(Expected::Nothing),
    class("schedule.airflow_timezone", r#"@schedule(timezone="Europe/Paris")"#).on(Target::Airflow).gives(Expected::Nothing),
    class("schedule.argo_required_param", "@schedule(daily=True)").on(Target::Argo).with(&[("p", true)]).gives(Expected::Error("FLC407")),
    class("schedule.argo_required_param", "@schedule(daily=True)").on(Target::Argo).with(&[("p", false)]).gives(Expected::Nothing),
    class("schedule.sfn_required_param", "@schedule").on(Target::StepFunctions).with(&[("p", true)]).gives(Expected::Error("FLC407")),
    class("schedule.sfn_required_param", "@schedule").with(&[("p", true)]).gives(Expected::Nothing),
    class("trigger.both", r#"@trigger(event="a", events=["b"])"#).gives(Expected::Error("FLC237")),
    class("trigger.none", "@trigger()").gives(Expected::Error("FLC237")),
    class("trigger.none", r#"@trigger(event="")"#).gives(Expected::Error("FLC237")),
    class("trigger.none", "@trigger(events=[])").gives(Expected::Error("FLC237")),
    class("trigger.event_type", "@trigger(event=5)").gives(Expected::Error("FLC237")),
    class("trigger.event_type", "@trigger(events=[5])").gives(Expected::Error("FLC237")),
    class("trigger.event_type", r#"@trigger(event=lambda context: "a")"#).gives(Expected::Nothing),
    class("trigger.event_type", r#"@trigger(event=namespaced_event_name("x"))"#).gives(Expected::Nothing),
    class("trigger.event_type", "@trigger(event=namespaced_event_name(5))").gives(Expected::Error("FLC237")),
    class("trigger.events_type", r#"@trigger(events="foo")"#).gives(Expected::Error("FLC237")),
    class("trigger.events_type", r#"@trigger(events=("a", "b"))"#).gives(Expected::Error("FLC237")),
    class("trigger.events_type", r#"@trigger(events=lambda context: ["a"])"#).gives(Expected::Nothing),
    class("trigger.no_name", r#"@trigger(event={"parameters": {}})"#).gives(Expected::Error("FLC237")),
    class("trigger.duplicate", r#"@trigger(events=["a", "a"])"#).gives(Expected::Error("FLC237")),
    class("trigger.param_list", r#"@trigger(event={"name": "a", "parameters": [("a", "b", "c")]})"#).gives(Expected::Error("FLC237")),
    class("trigger.param_list", r#"@trigger(event={"name": "a", "parameters": [["a", "b"]]})"#).gives(Expected::Error("FLC237")),
    class("trigger.param_list", r#"@trigger(event={"name": "a", "parameters": ["p", ("q", "r")]})"#).gives(Expected::Nothing),
    class("trigger.param_tuple_types", r#"@trigger(event={"name": "a", "parameters": [("a", 5)]})"#).gives(Expected::Error("FLC237")),
    class("trigger.param_dict_types", r#"@trigger(event={"name": "a", "parameters": {"p": 5}})"#).gives(Expected::Error("FLC237")),
    class("trigger.param_other", r#"@trigger(event={"name": "a", "parameters": 5})"#).gives(Expected::Warning("FLC247")),
    class("trigger.param_other", r#"@trigger(event={"name": "a", "parameters": None})"#).gives(Expected::Nothing),
    class("trigger.extra_keys", r#"@trigger(event={"name": "a", "bogus": 1})"#).gives(Expected::Warning("FLC247")),
    class("trigger.both_kinds", "@trigger(event=\"a\")\n@trigger_on_finish(flow=\"Foo\")").on(Target::Argo).gives(Expected::Error("FLC405")),
    class("trigger.both_kinds", "@trigger(event=\"a\")\n@trigger_on_finish(flow=\"Foo\")").gives(Expected::Nothing),
    class("trigger.name_chars", r#"@trigger(event="foo bar!")"#).on(Target::Argo).gives(Expected::Error("FLC404")),
    class("trigger.name_chars", r#"@trigger(event="foo bar!")"#).gives(Expected::Nothing),
    class("trigger.field_chars", r#"@trigger(event={"name": "a", "parameters": {"p": "q-r"}})"#).on(Target::Argo).with(&[("p", false)]).gives(Expected::Error("FLC404")),
    class("trigger.param_unknown", r#"@trigger(event={"name": "a", "parameters": {"zz": "q"}})"#).on(Target::Argo).with(&[("p", false)]).gives(Expected::Error("FLC404")),
    class("trigger.param_unknown", r#"@trigger(event={"name": "a", "parameters": {"P": "q"}})"#).on(Target::Argo).with(&[("p", false)]).gives(Expected::Nothing),
    class("trigger.param_dup", r#"@trigger(events=[{"name": "a", "parameters": {"p": "q"}}, {"name": "b", "parameters": {"p": "q"}}])"#).on(Target::Argo).with(&[("p", false)]).gives(Expected::Error("FLC404")),
    class("trigger.sfn", r#"@trigger(event="a")"#).on(Target::StepFunctions).gives(Expected::Error("FLC401")),
    class("trigger.airflow", r#"@trigger(event="a")"#).on(Target::Airflow).gives(Expected::Error("FLC401")),
    class("trigger.event_type", r#"@trigger(event=lambda context: "a")"#).on(Target::Argo).gives(Expected::Error("FLC408")),
    class("tof.both", r#"@trigger_on_finish(flow="A", flows=["B"])"#).gives(Expected::Error("FLC238")),
    class("tof.none", "@trigger_on_finish()").gives(Expected::Error("FLC238")),
    class("tof.flows_type", r#"@trigger_on_finish(flows="Foo")"#).gives(Expected::Error("FLC238")),
    class("tof.item_type_single", "@trigger_on_finish(flow=5)").gives(Expected::Error("FLC238")),
    class("tof.item_type_single", "@trigger_on_finish(flows=[5])").gives(Expected::Error("FLC238")),
    class("tof.item_type_multi", "@trigger_on_finish(flows=[5, 6])").gives(Expected::Error("FLC238")),
    class("tof.no_name", r#"@trigger_on_finish(flow={"project": "p"})"#).gives(Expected::Error("FLC238")),
    class("tof.no_name_multi", r#"@trigger_on_finish(flows=[{"project": "p"}, "Foo"])"#).gives(Expected::Error("FLC238")),
    class("tof.dict_name", r#"@trigger_on_finish(flow={"name": "a.b"})"#).gives(Expected::Error("FLC238")),
    class("tof.dict_name", r#"@trigger_on_finish(flow={"name": 5})"#).gives(Expected::Error("FLC238")),
    class("tof.dict_project", r#"@trigger_on_finish(flow={"name": "Foo", "project": 5})"#).gives(Expected::Error("FLC238")),
    class("tof.dict_branch", r#"@trigger_on_finish(flow={"name": "Foo", "project_branch": 5})"#).gives(Expected::Error("FLC238")),
    class("tof.one_dot", r#"@trigger_on_finish(flow="p.Foo")"#).gives(Expected::Error("FLC238")),
    class("tof.one_dot", r#"@trigger_on_finish(flow="p.b.Foo")"#).gives(Expected::Nothing),
    class("tof.one_dot", r#"@trigger_on_finish(flow="p.test.x.Foo")"#).gives(Expected::Nothing),
    class("tof.flow_chars", r#"@trigger_on_finish(flow="Foo-Bar")"#).gives(Expected::Error("FLC238")),
    class("tof.flow_chars", "@trigger_on_finish(flow=\"F\\u00f6\\u00f6\")").gives(Expected::Error("FLC238")),
    elsewhere("tof.cli", "an option of the command line"),
    class("tof.flows_type", r#"@trigger_on_finish(flows=lambda context: ["Foo"])"#).gives(Expected::Nothing),
    class("tof.item_type_single", r#"@trigger_on_finish(flow=lambda context: "Foo")"#).gives(Expected::Nothing),
    class("tof.incomplete", r#"@trigger_on_finish(flow={"name": "Foo", "project": "p"})"#).on(Target::Argo).gives(Expected::Error("FLC406")),
    class("tof.incomplete", r#"@trigger_on_finish(flow={"name": "Foo", "project": "p"})"#).gives(Expected::Nothing),
    class("tof.sfn", r#"@trigger_on_finish(flow="Foo")"#).on(Target::StepFunctions).gives(Expected::Error("FLC401")),
    class("tof.airflow", r#"@trigger_on_finish(flow="Foo")"#).on(Target::Airflow).gives(Expected::Error("FLC401")),
    class("tof.duplicates", r#"@trigger_on_finish(flows=["Foo", "Foo"])"#).gives(Expected::Nothing),
    step("batch.inferentia_trainium", "@batch(inferentia=1, trainium=1)").gives(Expected::Error("FLC229")),
    step("batch.inferentia_trainium", "@batch(inferentia=0, trainium=0)").gives(Expected::Error("FLC229")),
    step("batch.inferentia_trainium", "@batch(trainium=1)").gives(Expected::Nothing),
    elsewhere("batch.default_tags", "a setting of the deployment"),
    step("batch.tags_not_dict", r#"@batch(aws_batch_tags=["a"])"#).gives(Expected::Error("FLC221")),
    elsewhere("batch.datastore", "a setting of the deployment"),
    step("batch.timeout", "@timeout(seconds=59)\n@batch").gives(Expected::Error("FLC228")),
    step("batch.timeout", "@timeout(seconds=60)\n@batch").gives(Expected::Nothing),
    step("batch.tmpfs_path", r#"@batch(tmpfs_path="rel")"#).gives(Expected::Error("FLC231")),
    step("batch.tag_prefix", r#"@batch(aws_batch_tags={"aws:x": "b"})"#).gives(Expected::Error("FLC230")),
    step("batch.tag_prefix", r#"@batch(aws_batch_tags={"x": "AWS:b"})"#).gives(Expected::Error("FLC230")),
    step("batch.tag_key_len", r#"@batch(aws_batch_tags={"k" * 129: "b"})"#).gives(Expected::Error("FLC230")),
    step("batch.tag_value_len", r#"@batch(aws_batch_tags={"k": "v" * 257})"#).gives(Expected::Error("FLC230")),
    step("batch.tag_key_chars", r##"@batch(aws_batch_tags={"#": "b"})"##).gives(Expected::Error("FLC230")),
    step("batch.tag_key_chars", r#"@batch(aws_batch_tags={"": ""})"#).gives(Expected::Error("FLC230")),
    step("batch.tag_key_chars", r#"@batch(aws_batch_tags={"a#": "b"})"#).gives(Expected::Warning("FLC230")),
    step("batch.tag_value_chars", r##"@batch(aws_batch_tags={"a": "#"})"##).gives(Expected::Error("FLC230")),
    step("batch.tag_not_str", r#"@batch(aws_batch_tags={"a": 1})"#).gives(Expected::Error("FLC230")),
    step("batch.tag_prefix", r#"@batch(aws_batch_tags={"a": "b"})"#).gives(Expected::Nothing),
    step("batch.resources_conflict", "@resources(shared_memory=\"x\")\n@batch(shared_memory=\"y\")").gives(Expected::Error("FLC232")),
    step("batch.resources_conflict", "@resources(cpu=2)\n@batch(cpu=3)").gives(Expected::Nothing),
    step("batch.cpu_unvalidated", r#"@batch(cpu="two")"#).gives(Expected::Error("FLC221")),
    step("batch.cpu_positive", "@batch(cpu=0)").gives(Expected::Error("FLC221")),
    step("batch.memory_positive", "@batch(memory=-1)").gives(Expected::Error("FLC221")),
    step("batch.gpu_type", "@batch(gpu=1.5)").gives(Expected::Error("FLC221")),
    step("batch.shared_memory", r#"@batch(shared_memory="x")"#).gives(Expected::Warning("FLC221")),
    step("batch.swappiness", "@batch(swappiness=200)").gives(Expected::Warning("FLC221")),
    step("batch.max_swap", "@batch(max_swap=-1)").gives(Expected::Warning("FLC221")),
    step("batch.max_swap", "@batch(max_swap=-1)").on(Target::StepFunctions).gives(Expected::Error("FLC221")),
    step("batch.swappiness", "@batch(swappiness=200)").on(Target::StepFunctions).gives(Expected::Error("FLC221")),
    step("batch.shared_memory", r#"@batch(shared_memory="x")"#).on(Target::StepFunctions).gives(Expected::Error("FLC221")),
    step("batch.cpu_positive", "@resources(cpu=-1)").on(Target::StepFunctions).gives(Expected::Error("FLC232")),
    step("batch.cpu_positive", "@resources(cpu=-1)").on(Target::Argo).gives(Expected::Warning("FLC221")),
    elsewhere("batch.ephemeral_ec2", "rests on the job queue of the deployment"),
    elsewhere("batch.fargate_role", "rests on the job queue of the deployment"),
    elsewhere("batch.fargate_tmpfs", "rests on the job queue of the deployment"),
    elsewhere("batch.queue", "rests on the job queue of the deployment"),
    step("batch.argo", "@batch()").on(Target::Argo).gives(Expected::Error("FLC401")),
    step("batch.airflow", "@batch()").on(Target::Airflow).gives(Expected::Error("FLC401")),
    step("batch.airflow", "@batch()").on(Target::StepFunctions).gives(Expected::Nothing),
    step("card.none", r#"@card(id="a b")"#).gives(Expected::Warning("FLC249")),
    step("card.none", "@card(id=\"a\")\n@card(id=\"a\")").gives(Expected::Warning("FLC249")),
    step("card.none", r#"@card(timeout="x")"#).gives(Expected::Warning("FLC221")),
    step("card.none", "@card\n@card").gives(Expected::Nothing),
    step("catch.foreach", r#"@catch(var="e")"#).goes(Goes::Foreach).gives(Expected::Error("FLC223")),
    step("catch.foreach", r#"@catch(var="e")"#).goes(Goes::Parallel).gives(Expected::Error("FLC223")),
    step("catch.foreach", r#"@catch(var="e")"#).gives(Expected::Nothing),
    step("catch.switch", r#"@catch(var="e")"#).goes(Goes::Switch).gives(Expected::Error("FLC223")),
    step("catch.parallel_k8s", "@catch\n@kubernetes\n@parallel").gives(Expected::Error("FLC225")),
    step("catch.parallel_k8s", "@catch\n@parallel").gives(Expected::Nothing),
    step("catch.parallel_k8s", "@catch\n@parallel").on(Target::Argo).gives(Expected::Error("FLC225")),
    step("catch.parallel_k8s", "@catch\n@pytorch_parallel").on(Target::Argo).gives(Expected::Nothing),
    step("conda.environment", "@conda(disabled=True)").gives(Expected::Note("FLC242")),
    step("conda.packages_type", r#"@conda(packages=["x"])"#).gives(Expected::Error("FLC221")),
    step("conda.mix", "@conda(packages={\"a\": \"1\"})\n@pypi(packages={\"b\": \"1\"})").gives(Expected::Error("FLC243")),
    class("conda.mix", "@conda_base(packages={\"a\": \"1\"})\n@pypi_base(packages={\"b\": \"1\"})").gives(Expected::Error("FLC243")),
    step("conda.mix", "@conda(disabled=True)\n@pypi(packages={\"b\": \"1\"})").on_class(r#"@conda_base(packages={"a": "1"})"#).gives(Expected::Note("FLC242")),
    step("environment.none", "@environment(vars=None)").gives(Expected::Error("FLC221")),
    step("environment.none", r#"@environment(vars=["a"])"#).gives(Expected::Error("FLC221")),
    step("environment.none", r#"@environment(vars={"A": 1})"#).gives(Expected::Nothing),
    step("environment.none", r#"@environment(vars={"A": None})"#).gives(Expected::Warning("FLC250")),
    step("environment.none", r#"@environment(vars={"1 A": "x"})"#).gives(Expected::Warning("FLC250")),
    step("environment.none", r#"@environment(vars={"AWS_BATCH_X": "x"})"#).on(Target::StepFunctions).gives(Expected::Error("FLC410")),
    step("kubernetes.labels_not_dict", r#"@kubernetes(labels=["a"])"#).gives(Expected::Error("FLC221")),
    step("kubernetes.node_selector_parse", r#"@kubernetes(node_selector="a")"#).gives(Expected::Error("FLC234")),
    step("kubernetes.node_selector_dup", r#"@kubernetes(node_selector="a=b,a=c")"#).gives(Expected::Error("FLC234")),
    step("kubernetes.node_selector_dup", r#"@kubernetes(node_selector="a=b,c=d")"#).gives(Expected::Nothing),
    step("kubernetes.node_selector_parse", r#"@kubernetes(node_selector={"a": "b"})"#).gives(Expected::Nothing),
    step("kubernetes.tolerations_keys", r#"@kubernetes(tolerations=[{"kez": "a"}])"#).gives(Expected::Error("FLC235")),
    step("kubernetes.tolerations_type", r#"@kubernetes(tolerations={"key": "a"})"#).gives(Expected::Error("FLC235")),
    step("kubernetes.tolerations_keys", r#"@kubernetes(tolerations=[{"key": "a", "effect": "NoExecute", "toleration_seconds": 5}])"#).gives(Expected::Nothing),
    elsewhere("kubernetes.datastore", "a setting of the deployment"),
    step("kubernetes.qos", r#"@kubernetes(qos="BestEffort")"#).gives(Expected::Error("FLC221")),
    step("kubernetes.qos", r#"@kubernetes(qos="guaranteed")"#).gives(Expected::Nothing),
    step("kubernetes.qos", "@kubernetes(qos=None)").gives(Expected::Nothing),
    step("kubernetes.batch_conflict", "@batch\n@kubernetes").gives(Expected::Error("FLC226")),
    step("kubernetes.batch_conflict", "@kubernetes\n@batch").gives(Expected::Error("FLC226")),
    step("kubernetes.parallel_catch", "@parallel\n@catch\n@kubernetes").gives(Expected::Error("FLC225")),
    step("kubernetes.timeout", "@kubernetes\n@timeout(seconds=59)").gives(Expected::Error("FLC228")),
    step("kubernetes.timeout", "@timeout(seconds=59)").gives(Expected::Nothing),
    step("kubernetes.timeout", "@timeout(seconds=59)").on(Target::Argo).gives(Expected::Error("FLC228")),
    step("kubernetes.gpu_vendor", r#"@kubernetes(gpu_vendor="intel")"#).gives(Expected::Error("FLC221")),
    step("kubernetes.gpu_vendor", r#"@kubernetes(gpu_vendor="NVIDIA")"#).gives(Expected::Nothing),
    step("kubernetes.positive", "@kubernetes(cpu=0)").gives(Expected::Error("FLC221")),
    step("kubernetes.positive", "@kubernetes(cpu=-1)").gives(Expected::Error("FLC221")),
    step("kubernetes.positive", "@kubernetes(cpu=None)").gives(Expected::Error("FLC221")),
    step("kubernetes.positive", "@kubernetes(cpu=[1])").gives(Expected::Error("FLC221")),
    step("kubernetes.positive", "@kubernetes(memory=0)").gives(Expected::Error("FLC221")),
    step("kubernetes.positive", "@kubernetes(disk=0)").gives(Expected::Error("FLC221")),
    step("kubernetes.positive", "@kubernetes(cpu=0.5)").gives(Expected::Nothing),
    step("kubernetes.positive", r#"@kubernetes(cpu="2")"#).gives(Expected::Nothing),
    step("kubernetes.positive", "@kubernetes(cpu=True)").gives(Expected::Nothing),
    step("kubernetes.not_a_number", r#"@kubernetes(memory="4Gi")"#).gives(Expected::Error("FLC221")),
    step("kubernetes.not_a_number", r#"@kubernetes(cpu="500m")"#).gives(Expected::Error("FLC221")),
    step("kubernetes.gpu_integer", "@kubernetes(gpu=1.5)").gives(Expected::Error("FLC221")),
    step("kubernetes.gpu_integer", "@kubernetes(gpu=1.0)").gives(Expected::Error("FLC221")),
    step("kubernetes.gpu_integer", "@kubernetes(gpu=0)").gives(Expected::Nothing),
    step("kubernetes.gpu_integer", r#"@kubernetes(gpu="1")"#).gives(Expected::Nothing),
    step("kubernetes.gpu_integer", "@kubernetes(gpu=-1)").gives(Expected::Warning("FLC254")),
    step("kubernetes.gpu_name", r#"@kubernetes(gpu="A100")"#).gives(Expected::Error("FLC221")),
    step("kubernetes.tmpfs_size", "@kubernetes(tmpfs_size=-1)").gives(Expected::Error("FLC221")),
    step("kubernetes.tmpfs_size", "@kubernetes(tmpfs_size=1.5)").gives(Expected::Error("FLC221")),
    step("kubernetes.tmpfs_size", r#"@kubernetes(tmpfs_size="10")"#).gives(Expected::Nothing),
    step("kubernetes.shared_memory", "@kubernetes(shared_memory=-1)").gives(Expected::Error("FLC221")),
    step("kubernetes.shared_memory", r#"@kubernetes(shared_memory="64")"#).gives(Expected::Error("FLC221")),
    step("kubernetes.shared_memory", "@kubernetes(shared_memory=64)").gives(Expected::Nothing),
    step("kubernetes.shared_memory", "@kubernetes(shared_memory=0)").gives(Expected::Nothing),
    step("kubernetes.label_value", r#"@kubernetes(labels={"a": "b c"})"#).gives(Expected::Error("FLC233")),
    step("kubernetes.label_value", r#"@kubernetes(labels={"a": "x" * 64})"#).gives(Expected::Error("FLC233")),
    step("kubernetes.label_value", r#"@kubernetes(labels={"a": None})"#).gives(Expected::Nothing),
    step("kubernetes.label_value", r#"@kubernetes(labels={"bad key!": "v"})"#).gives(Expected::Warning("FLC233")),
    elsewhere("kubernetes.package", "rests on the packages of the machine that runs Metaflow"),
    step("kubernetes.argo_namespace", r#"@kubernetes(namespace="other")"#).on(Target::Argo).gives(Expected::Error("FLC403")),
    step("kubernetes.argo_namespace", r#"@kubernetes(namespace="other")"#).on(Target::Airflow).gives(Expected::Nothing),
    step("kubernetes.airflow_attrs", "@kubernetes(use_tmpfs=True)").on(Target::Airflow).gives(Expected::Nothing),
    step("kubernetes.security_context", r#"@kubernetes(security_context={"nope": True})"#).on(Target::Argo).gives(Expected::Error("FLC409")),
    step("kubernetes.security_context", r#"@kubernetes(security_context={"run_as_user": 5})"#).on(Target::Argo).gives(Expected::Nothing),
    step("kubernetes.argo_namespace", "@kubernetes(cpu=2)").on(Target::StepFunctions).gives(Expected::Note("FLC402")),
    step("parallel.switch", "@parallel").goes(Goes::Switch).gives(Expected::Error("FLC224")),
    elsewhere("parallel.graph", "the shape of the graph: FLC124, FLC125, FLC126"),
    step("pypi.environment", r#"@pypi(packages={"a": "1"})"#).gives(Expected::Note("FLC242")),
    step("pypi.packages_type", r#"@pypi(packages=["x"])"#).gives(Expected::Error("FLC221")),
    step("pypi.mix", "@pypi(packages={\"a\": \"1\"})\n@conda(packages={\"b\": \"1\"})").gives(Expected::Error("FLC243")),
    step("resources.none", r#"@resources(cpu="abc")"#).gives(Expected::Warning("FLC221")),
    step("resources.none", "@resources(cpu=\"abc\")\n@kubernetes").gives(Expected::Error("FLC232")),
    step("resources.none", "@resources(cpu=\"abc\")\n@batch").gives(Expected::Warning("FLC221")),
    step("resources.none", "@resources(gpu=\"A10\")\n@kubernetes").gives(Expected::Error("FLC232")),
    step("resources.none", r#"@resources(cpu="abc")"#).on(Target::Argo).gives(Expected::Error("FLC232")),
    step("retry.max", "@retry(times=5)").gives(Expected::Error("FLC221")),
    step("retry.max", "@retry(times=4)").gives(Expected::Nothing),
    step("retry.max", r#"@retry(times="2")"#).gives(Expected::Nothing),
    step("retry.times_not_int", r#"@retry(times="x")"#).gives(Expected::Error("FLC221")),
    step("retry.times_not_int", "@retry(times=None)").gives(Expected::Error("FLC221")),
    step("retry.negative", "@retry(times=-3)").gives(Expected::Warning("FLC251")),
    step("retry.float", "@retry(times=2.9)").gives(Expected::Warning("FLC251")),
    step("retry.minutes_unvalidated", r#"@retry(minutes_between_retries="x")"#).gives(Expected::Warning("FLC221")),
    step("retry.minutes_unvalidated", r#"@retry(minutes_between_retries="x")"#).on(Target::Argo).gives(Expected::Error("FLC221")),
    step("retry.minutes_unvalidated", "@retry(minutes_between_retries=-1)").gives(Expected::Warning("FLC221")),
    step("retry.minutes_unvalidated", "@retry(minutes_between_retries=1)").on(Target::StepFunctions).gives(Expected::Note("FLC402")),
    step("secrets.definition", r#"@secrets(sources="x")"#).gives(Expected::Warning("FLC248")),
    step("secrets.definition", r#"@secrets(sources=["x"])"#).gives(Expected::Nothing),
    step("secrets.item_type", "@secrets(sources=[5])").gives(Expected::Warning("FLC248")),
    elsewhere("secrets.no_backend", "a setting of the deployment"),
    step("secrets.backend_unknown", r#"@secrets(sources=["vault.x"])"#).gives(Expected::Warning("FLC248")),
    step("secrets.dict_type", r#"@secrets(sources=[{"type": 5, "id": "x"}])"#).gives(Expected::Warning("FLC248")),
    step("secrets.dict_id", r#"@secrets(sources=[{"type": "az-key-vault"}])"#).gives(Expected::Warning("FLC248")),
    step("secrets.dict_options", r#"@secrets(sources=[{"id": "x", "options": 5}])"#).gives(Expected::Warning("FLC248")),
    step("secrets.dict_role", r#"@secrets(sources=[{"id": "x", "role": 5}])"#).gives(Expected::Warning("FLC248")),
    step("timeout.not_int", r#"@timeout(minutes="x")"#).gives(Expected::Error("FLC221")),
    step("timeout.zero", "@timeout").gives(Expected::Error("FLC227")),
    step("timeout.zero", "@timeout(minutes=0.5)").gives(Expected::Error("FLC227")),
    step("timeout.zero", "@timeout(seconds=10)").gives(Expected::Nothing),
    step("timeout.negative", "@timeout(seconds=-5)").gives(Expected::Nothing),
    step("timeout.negative", "@timeout(seconds=-5)\n@kubernetes").gives(Expected::Error("FLC228")),
    class("package_sources.arcname", r#"@package_sources("x", arcname="/abs")"#).gives(Expected::Error("FLC241")),
    class("package_sources.arcname", r#"@package_sources("x", arcname="../y")"#).gives(Expected::Error("FLC241")),
    class("package_sources.arcname", r#"@package_sources("x", arcname=".")"#).gives(Expected::Error("FLC241")),
    class("package_sources.arcname", r#"@package_sources("x")"#).gives(Expected::Nothing),
    class("package_sources.arcname_multi", r#"@package_sources(["a", "b"], arcname="c")"#).gives(Expected::Error("FLC241")),
    elsewhere("package_sources.missing", "rests on the files there when the package is built"),
    class("package_sources.no_args", "@package_sources").gives(Expected::Error("FLC241")),
    class("package_sources.no_args", "@package_sources(5)").gives(Expected::Error("FLC241")),
    step("internal", "@argo_workflows_internal").gives(Expected::Warning("FLC222")),];
