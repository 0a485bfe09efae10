//! Sensors: their arguments in the DAG, the names of their tasks, and what becomes of a flow whose sensor gives up.

use serde_json::json;

use super::engine;
use crate::program::Project;

const STEPS: &str = "    @step
    def start(self):
        self.items = [1, 2]
        self.next(self.work, foreach=\"items\")

    @step
    def work(self):
        self.way = \"one\"
        self.next({\"one\": self.one, \"two\": self.two}, condition=\"way\")

    @step
    def one(self):
        self.next(self.merge)

    @step
    def two(self):
        self.next(self.merge)

    @step
    def merge(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
";

/// A flow under these decorators.
fn flow(decorators: &str) -> String {
    format!(
        "from datetime import timedelta\n\nfrom metaflow import FlowSpec, airflow_external_task_sensor, airflow_s3_key_sensor, step\n\n\n\
         {decorators}\nclass WaitFlow(FlowSpec):\n{STEPS}\n\nif __name__ == \"__main__\":\n    WaitFlow()\n"
    )
}

/// Options of a complete deployment.
fn compile<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let fixed =
        "compile wait.py --target airflow --datastore-root s3://b/m --code image:/app --image i -o dag.py";
    fixed.split(' ').chain(more.iter().copied()).collect()
}

#[test]
fn a_pool_of_a_sensor_is_held_to_what_one_of_the_tasks_is() {
    let sensor = "@airflow_external_task_sensor(external_dag_id=\"up\", pool=\"two words\")";
    let project = Project::new(&[("wait.py", &flow(sensor))]);
    let words = "error[FLC240]: `pool` of `@airflow_external_task_sensor`: Airflow 2.11 loads no DAG with the pool `two words`";
    project.run(compile(&[])).ends(1).complains(words);
    project
        .run(compile(&["--airflow-version", "2.11"]))
        .ends(1)
        .complains(words);
    project.run(compile(&["--airflow-version", "3.1"])).ends(0);
}

fn dag(decorators: &str) -> String {
    let project = Project::new(&[("wait.py", &flow(decorators))]);
    project.run(compile(&[])).ends(0);
    project.read("dag.py")
}

#[test]
fn a_flow_whose_sensor_gives_up_softly_is_skipped() {
    let mut mock = json!({
        "ExternalTaskSensor-1": {"skip": true},
        "start": {"return": {"metaflow_task_id": "s", "metaflow_foreach_cardinality": 2}},
        "work": {"return": {"metaflow_task_id": "w", "flowc_next": "one"}},
    });
    for step in ["one", "merge", "join", "end"] {
        mock[step] = json!({"return": {"metaflow_task_id": step}});
    }
    let decorator = "@airflow_external_task_sensor(external_dag_id=\"d\", soft_fail=True)";
    let project = Project::new(&[("wait.py", &flow(decorator)), ("mock.json", &mock.to_string())]);
    project.run(compile(&[])).ends(0);
    let path = |name: &str| project.path(name);
    for version in ["2.10.5", "3.3.2"] {
        let run = |mock: &str| {
            let mock = path(mock);
            let options = ["--airflow", version, "--mock", mock.to_str().unwrap()];
            engine::model(&path("dag.py"), &options)["runs"][0].clone()
        };
        let skipped = run("mock.json");
        assert_eq!(skipped["state"], "success", "{skipped:#}");
        assert_eq!(skipped["pods"], json!([]), "{skipped:#}");
        assert_eq!(skipped["tasks"]["end"], json!([[-1, "skipped"]]));
        mock["ExternalTaskSensor-1"] = json!({});
        project.write("found.json", mock.to_string());
        assert_eq!(run("found.json")["tasks"]["end"], json!([[-1, "success"]]));
        mock["start"] = json!({});
        project.write("lost.json", mock.to_string());
        assert_eq!(run("lost.json")["state"], "failed");
        mock["start"] = json!({"return": {"metaflow_task_id": "s", "metaflow_foreach_cardinality": 2}});
    }
}

#[test]
fn the_defaults_of_metaflow_are_in_the_dag() {
    let dag = dag(
        "@airflow_external_task_sensor(external_dag_id=\"d\")\n@airflow_s3_key_sensor(bucket_key=\"s3://b/k\")",
    );
    for text in [
        "timeout=3600",
        "poke_interval=60",
        "mode=\"reschedule\"",
        "exponential_backoff=True",
        "soft_fail=False",
    ] {
        assert_eq!(dag.matches(text).count(), 2, "{text} in\n{dag}");
    }
    for text in [
        "allowed_states=[\"success\"]",
        "check_existence=True",
        "wildcard_match=False",
    ] {
        assert_eq!(dag.matches(text).count(), 1, "{text} in\n{dag}");
    }
    assert!(dag.contains("trigger_rule=\"all_success\""), "{dag}");
}

#[test]
fn a_state_given_as_text_is_one_state() {
    let states = "@airflow_external_task_sensor(external_dag_id=\"d\", allowed_states=\"failed\", failed_states=\"success\", mode=\"Poke\")";
    let dag = dag(states);
    for text in [
        "allowed_states=[\"failed\"]",
        "failed_states=[\"success\"]",
        "mode=\"poke\"",
    ] {
        assert!(dag.contains(text), "no {text} in\n{dag}");
    }
}

#[test]
fn no_variable_of_a_sensor_is_that_of_a_step() {
    let decorated = flow("@airflow_s3_key_sensor(bucket_key=\"s3://b/k\")").replace("work", "sensor_1");
    let project = Project::new(&[("wait.py", &decorated)]);
    project.run(compile(&[])).ends(0);
    let dag = project.read("dag.py");
    assert!(
        dag.contains("sensor_1_ = S3KeySensor(") && dag.contains("sensor_1_ >> start"),
        "{dag}"
    );
}

#[test]
fn a_time_difference_may_be_negative_or_a_multiple() {
    let delta = |written: &str| {
        let sensor =
            format!("@airflow_external_task_sensor(external_dag_id=\"d\", execution_delta={written})");
        dag(&sensor)
    };
    let dag = delta("-timedelta(days=1, hours=2)");
    assert!(
        dag.contains("execution_delta=datetime.timedelta(days=-1, hours=-2)"),
        "{dag}"
    );
    for written in ["timedelta(hours=2) * 3", "3 * timedelta(hours=2)"] {
        assert!(delta(written).contains("execution_delta=datetime.timedelta(hours=6)"));
    }
}
