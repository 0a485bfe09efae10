//! What of a flow's `Config`s reaches its tasks, which read them again: values, and the texts that a parser reads.

use crate::program::Project;

/// Every way in which a Config may come by its content.
const FLOW: &str = "from metaflow import Config, FlowSpec, step


def pairs(text):
    return dict(line.split(\"=\") for line in text.split())


class ConfiguredFlow(FlowSpec):
    absent = Config(\"absent\", parser=\"yaml.safe_load\")
    mapping = Config(\"mapping\", default_value={\"x\": 1})
    plain = Config(\"plain\", default=\"a.txt\", plain=True)
    project = Config(\"project\", default=\"a.txt\", parser=pairs)
    read = Config(\"read\", default_value={\"x\": 1}, parser=\"yaml.safe_load\")
    yaml = Config(\"yaml\", default=\"a.yaml\", parser=\"yaml.safe_load\")

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == \"__main__\":
    ConfiguredFlow()
";

fn project() -> Project {
    let files = [
        ("flow.py", FLOW),
        ("a.txt", "a=7\r\nb=8\n"),
        ("a.yaml", "x: [3]\n# a comment\n"),
    ];
    Project::new(&files)
}

/// The variable of a definition in YAML.
fn variable(project: &Project, options: &[&str]) -> serde_json::Value {
    let command = ["compile", "flow.py", "--target", "argo", "--image", "i"];
    let store = ["--datastore-root", "s3://b/m"];
    let definition = project.run(command.into_iter().chain(store).chain(options.iter().copied()));
    let definition = definition.ends(0).out;
    let (_, rest) = definition
        .split_once("METAFLOW_FLOW_CONFIG_VALUE\n        value: ")
        .unwrap();
    let text: String = serde_json::from_str(rest.lines().next().unwrap()).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn what_a_parser_reads_is_a_text() {
    let given = serde_json::json!({
        "mapping": {"x": 1},
        "plain": "a=7\nb=8\n",
        "project": "a=7\nb=8\n",
        "read": "{\"x\": 1}",
        "yaml": "x: [3]\n# a comment\n",
    });
    assert_eq!(variable(&project(), &["--code", "image:/app"]), given);
}

#[test]
fn every_target_gives_it() {
    for target in ["airflow", "step-functions"] {
        let ran = project().run(["compile", "flow.py", "--target", target, "--draft"]);
        ran.ends(0).says("x: [3]\\\\n# a comment\\\\n");
    }
}

/// A package with Metaflow holds the values, but for what a parser of others makes of the text.
#[test]
fn a_package_with_metaflow_holds_what_is_known() {
    let project = project();
    project.write("python/metaflow/__init__.py", "");
    project.write("python/metaflow/version.py", "metaflow_version = \"2.19.39\"\n");
    let options = ["--code", "package", "--metaflow-from", "python"];
    let given = serde_json::json!({
        "absent": "kv.absent",
        "mapping": "kv.mapping",
        "plain": "kv.plain",
        "project": "kv.project",
        "read": "{\"x\": 1}",
        "yaml": "x: [3]\n# a comment\n",
    });
    assert_eq!(variable(&project, &options), given);
    let package = [
        "package",
        "flow.py",
        "-o",
        "out.tar.gz",
        "--metaflow-from",
        "python",
    ];
    project.run(package).ends(0);
    let members = crate::package::members(&std::fs::read(project.path("out.tar.gz")).unwrap());
    let held = serde_json::json!({"user_configs": {
        "absent": [null, false],
        "mapping": [{"x": 1}, false],
        "plain": ["a=7\nb=8\n", true],
        "project": [{"a": "7", "b": "8"}, false],
    }});
    let notes: serde_json::Value = serde_json::from_slice(&members[".mf_meta/CONFIG"].1).unwrap();
    assert_eq!(notes, held);
}

#[test]
fn a_content_that_is_not_known_stops_compiling() {
    let project = Project::new(&[(
        "flow.py",
        &FLOW.replace(
            "default_value={\"x\": 1})",
            "default_value=lambda context: {\"x\": context.user_name})",
        ),
    )]);
    project.write("a.txt", "");
    project.write("a.yaml", "");
    let compile = ["compile", "flow.py", "--target", "argo", "--draft"];
    project
        .run(compile)
        .ends(1)
        .complains("the content of the Config `mapping` cannot be known statically")
        .complains("give a value by `--config-value mapping=JSON`");
    let given = ["--config-value", "mapping={\"x\": 2}"];
    project.run(compile.into_iter().chain(given)).ends(0);
}
