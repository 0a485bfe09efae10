//! Included files: who brings them to the datastore.

use crate::program::Project;

const FLOW: &str = r#"from metaflow import FlowSpec, IncludeFile, step


class TrainFlow(FlowSpec):
    data = IncludeFile("data", default="it's {{data}}.csv")

    @step
    def start(self):
        pass


if __name__ == "__main__":
    TrainFlow()
"#;

const DEPLOYMENT: &[&str] = &[
    "--datastore-root",
    "s3://bucket/metaflow",
    "--image",
    "python:3.12",
    "--region",
    "eu-central-1",
    "--job-queue",
    "queue",
    "--job-role",
    "arn:aws:iam::123456789012:role/job",
];

fn compile(target: &str, code: &str) -> crate::program::Ran {
    let project = Project::new(&[("train.py", FLOW), ("it's {{data}}.csv", "a,b\n1,2\n")]);
    let words = ["compile", "train.py", "--target", target, "--code", code];
    project.run(words.iter().chain(DEPLOYMENT).copied()).ends(0)
}

#[test]
fn the_start_task_stores_them_when_the_image_holds_the_code() {
    for target in ["argo", "airflow", "step-functions"] {
        let ran = compile(target, "image:/app").complains("the start task puts it there");
        let commands = ran
            .out
            .matches("from metaflow.includefile import UploaderV2")
            .count();
        assert_eq!(commands, 1, "{target}: {}", ran.out);
    }
}

#[test]
fn an_upload_brings_them_along_with_a_package() {
    for target in ["argo", "airflow", "step-functions"] {
        let ran = compile(target, "package").complains("`flowc package --upload` puts it there");
        assert!(!ran.out.contains("UploaderV2"), "{target}: {}", ran.out);
    }
}

/// The name of a file is a word of the shell, and no tag of Argo's.
#[test]
fn their_names_are_quoted() {
    let ran = compile("argo", "image:/app");
    assert!(!ran.out.contains("{{data}}"), "{}", ran.out);
    assert!(ran.out.contains(r#"'it'"'"'s"#), "{}", ran.out);
}
