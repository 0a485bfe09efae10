//! What the README shows is what happens, and where the documents point to there is something.

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{Project, finish, flowc};

const README: &str = include_str!("../../README.md");
const CHURN: &str = include_str!("../../examples/churn/flow.py");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The fenced blocks of a language, in order.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("\n```{language}\n");
    let blocks = README.split(fence.as_str()).skip(1);
    blocks.map(|rest| rest.split("\n```").next().unwrap()).collect()
}

/// A copy of the example, with the folder that a command of the README writes to.
fn churn() -> Project {
    let project = Project::new(&[("deploy/keep", "")]);
    for entry in fs::read_dir(root().join("examples/churn")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            project.write(
                path.file_name().unwrap().to_str().unwrap(),
                fs::read(&path).unwrap(),
            );
        }
    }
    project
}

#[test]
fn the_example_becomes_the_yaml_that_is_shown() {
    let mut command = flowc(root());
    command.args(["compile", "--target", "argo", "examples/churn/flow.py"]);
    let ran = finish(command, b"").ends(0);
    let shown = blocks("yaml")[0];
    assert!(
        shown.contains("kind: WorkflowTemplate"),
        "another block comes first"
    );
    assert!(
        ran.out.starts_with(&format!("{shown}\n")),
        "the README shows\n{shown}\nand it is\n{}",
        &ran.out[..600]
    );
    let documents = ran.out.split("\n---\n").count();
    assert!(
        documents == 2 && ran.out.contains("kind: CronWorkflow"),
        "a WorkflowTemplate and a CronWorkflow"
    );
}

#[test]
fn the_example_is_quoted_as_it_is() {
    let mut lines = CHURN.lines();
    for shown in blocks("python")[0].lines() {
        let code = shown.split("  #").next().unwrap().trim_end();
        if !matches!(code.trim(), "" | "...") {
            assert!(
                lines.any(|line| line == code),
                "`{code}` is not there, or not in this order"
            );
        }
    }
}

#[test]
fn the_diagnostic_is_the_one_that_is_shown() {
    let project = Project::new(&[("headline.py", blocks("python")[1])]);
    let ran = project.run(["check", "headline.py"]).ends(1);
    let summary = "\n1 error in 1 flow of 1 file\n";
    assert_eq!(ran.out, format!("{}\n{summary}", blocks("text")[0]));
}

/// The words of each command of flowc in a block, whatever starts it.
fn commands() -> Vec<Vec<&'static str>> {
    let blocks = blocks("sh").into_iter().chain(blocks("yaml"));
    let lines = blocks
        .flat_map(str::lines)
        .map(|line| line.trim_start_matches("- run: "));
    let after = |line: &'static str| {
        line.strip_prefix("flowc ")
            .or_else(|| line.strip_prefix("cargo run --release --quiet -- "))
    };
    lines
        .filter_map(after)
        .map(|line| line.split_whitespace().collect())
        .collect()
}

#[test]
fn the_commands_do_what_is_said() {
    let commands = commands();
    assert!(commands.len() >= 4, "{commands:?}");
    let project = churn();
    for words in commands {
        let words = words
            .into_iter()
            .map(|word| word.trim_start_matches("examples/churn/"));
        project.run(words).ends(0);
    }
    assert!(
        project
            .read("deploy/flow.yaml")
            .contains("kind: WorkflowTemplate")
    );
}

#[test]
fn the_table_names_commands_and_options_that_are_there() {
    let rows = README.lines().filter_map(|line| line.strip_prefix("| `flowc "));
    let mut count = 0;
    for row in rows {
        let mut words = row.split('`').next().unwrap().split_whitespace();
        let command = words.next().unwrap();
        let help = churn().run([command, "--help"]).ends(0).out;
        for option in words.filter(|word| word.starts_with("--") && *word != "--alpha") {
            assert!(help.contains(option), "{command} {option}");
        }
        count += 1;
    }
    assert!(count >= 7, "{count}");
}

#[test]
fn the_settings_are_settings() {
    let project = Project::new(&[("flowc.toml", blocks("toml")[0])]);
    project.run(["settings"]).ends(0).says("datastore-root = ");
}

/// What the flow asks of the environment is answered and listed; what Metaflow's settings say there is not read.
#[test]
fn only_the_flow_reads_the_environment() {
    let flow = "import os\nfrom metaflow import FlowSpec, kubernetes, step\nclass F(FlowSpec):\n    \
                @kubernetes(image=os.environ['IMAGE'])\n    @step\n    def start(self):\n        self.next(self.end)\n    \
                @step\n    def end(self):\n        pass\nF()\n";
    let project = Project::new(&[("flow.py", flow)]);
    let environment = [
        ("IMAGE", "given:1"),
        ("METAFLOW_KUBERNETES_CONTAINER_IMAGE", "other:2"),
    ];
    let words = [
        "compile", "flow.py", "--target", "argo", "--draft", "--report", "json",
    ];
    let ran = project.run_with(words, &environment, b"").ends(0);
    assert!(ran.out.contains("image: given:1") && !ran.out.contains("other:2"));
    assert!(
        ran.err.contains("\"IMAGE\"") || ran.err.contains("env:IMAGE"),
        "{}",
        ran.err
    );
}

#[test]
fn links_lead_somewhere() {
    let mut documents: Vec<PathBuf> = vec![root().join("README.md"), root().join("CONTRIBUTING.md")];
    let docs = fs::read_dir(root().join("docs")).unwrap();
    documents.extend(
        docs.map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|it| it == "md")),
    );
    let mut count = 0;
    for document in documents {
        let text = fs::read_to_string(&document).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap();
            if !path.is_empty() && !path.contains("://") && !path.contains(char::is_whitespace) {
                let target = document.parent().unwrap().join(path);
                assert!(target.exists(), "{}: {link}", document.display());
                count += 1;
            }
        }
    }
    assert!(count >= 8, "{count}");
}
