//! Texts of users arrive as they are: tags and names through bash, variables through the definition.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Value as Json, json};

use super::{deployment, emitted};
use crate::program::Project;

const TEXTS: &[&str] = &[
    "plain",
    "a;b",
    "it's",
    "$(id) `id` ${HOME} $HOME",
    "\"double\" and \\ back",
    "line\nbreak\r\ttab",
    "$.foo",
    "$$.Execution.Name",
    "States.Format('x')",
    "{{braces}} 50% # é ü 漢",
    "*",
    "-x --y",
    "a=b",
    "\u{1}\u{7f}",
    "' '\"'\"' '",
    "$'x'",
    "!!",
];

/// Texts from a small alphabet of all that shells read.
fn random(seed: u64) -> String {
    const LETTERS: &[char] = &[
        'a', '\'', '"', '$', '`', '\\', '\n', ' ', '(', ')', '{', '}', ';', '&', '|', '!', '~', '*', '#',
        'é', '\t', '=', '-', '<',
    ];
    let mut state = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    let mut letter = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 40).unwrap()
    };
    let length = 1 + letter() % 12;
    (0..length).map(|_| LETTERS[letter() % LETTERS.len()]).collect()
}

/// What `python` is called with, by the word that says what for, when the job's command runs in bash.
fn calls(job: &Json) -> BTreeMap<String, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let overrides = &job["Parameters"]["ContainerOverrides"];
    let command = overrides["Command"][2].as_str().unwrap();
    assert!(!command.chars().any(char::is_control), "{command:?}");
    let record = r#"python(){ for w in "$@"; do case $w in init|step|dump) printf '%s\0' "$@" > "$OUT/$w"; break;; esac; done; }; "#;
    let mut shell = Command::new("bash");
    shell
        .args(["-c", &format!("{record}{command}")])
        .current_dir(folder.path())
        .env_clear();
    shell
        .env("PATH", std::env::var("PATH").unwrap())
        .env("OUT", folder.path());
    shell.envs([("AWS_BATCH_JOB_ID", "job"), ("AWS_BATCH_JOB_ATTEMPT", "1")]);
    for variable in overrides["Environment"].as_array().unwrap() {
        let value = variable["Value"].as_str().unwrap_or("run");
        shell.env(variable["Name"].as_str().unwrap(), value);
    }
    let ran = shell.output().unwrap();
    assert!(
        ran.status.success(),
        "{command}\n{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let read = |word: &str| {
        let text = std::fs::read_to_string(folder.path().join(word)).ok()?;
        Some((
            word.to_owned(),
            text.split_terminator('\0').map(str::to_owned).collect(),
        ))
    };
    ["init", "step", "dump"].into_iter().filter_map(read).collect()
}

#[test]
fn tags_arrive_as_they_are() {
    let mut tagged = deployment();
    tagged.code = flowc::settings::Code::Image { directory: None };
    tagged.tags = TEXTS
        .iter()
        .map(|text| (*text).to_owned())
        .chain((0..60).map(random))
        .collect();
    tagged.namespace = Some("user:$(id) 'x'".to_owned());
    let machine: Json =
        serde_json::from_str(&emitted("start: ? a end\na: end\nend\n", &tagged).files[0].1).unwrap();
    let calls = calls(&machine["States"]["start"]);
    for word in ["init", "step"] {
        let tags: Vec<&str> = calls[word]
            .iter()
            .filter_map(|argument| argument.strip_prefix("--tag="))
            .collect();
        assert_eq!(tags, tagged.tags, "{word}");
    }
    assert_eq!(calls["step"].last().unwrap(), "--namespace=user:$(id) 'x'");
    assert!(calls["step"].contains(&"--datastore-root=s3://bucket/metaflow".to_owned()));
    assert!(calls["step"].contains(&"sfn-run/_parameters/job-params".to_owned()));
    assert_eq!(calls["dump"].last().unwrap(), "sfn-run/start/job");
}

/// A text, or the function that puts it together.
fn joined(value: &Json) -> String {
    let Some(text) = value.as_str() else {
        let pieces = value["Fn::Join"][1].as_array().unwrap().iter();
        return pieces.map(|piece| piece.as_str().unwrap()).collect();
    };
    text.to_owned()
}

#[test]
fn variables_arrive_as_they_are() {
    let texts: Vec<String> = TEXTS
        .iter()
        .map(|text| (*text).to_owned())
        .chain((100..140).map(random))
        .collect();
    let pairs: Vec<String> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| format!("\"V{index}\": {}", json!(text)))
        .collect();
    let flow = format!(
        "from metaflow import FlowSpec, environment, step\n\n\nclass Texts(FlowSpec):\n    @environment(vars={{{}}})\n    @step\n    def start(self):\n        self.next(self.end)\n\n    @step\n    def end(self):\n        pass\n\n\nif __name__ == \"__main__\":\n    Texts()\n",
        pairs.join(", ")
    );
    let project = Project::new(&[("texts.py", flow.as_str())]);
    for bundle in [&[][..], &["--bundle", "cloudformation", "--format", "json"]] {
        let mut arguments = vec![
            "compile",
            "texts.py",
            "--target",
            "step-functions",
            "--code",
            "image",
            "--datastore-root",
            "s3://bucket/m",
        ];
        arguments.extend([
            "--image",
            "i",
            "--job-queue",
            "q",
            "--job-role",
            "arn:aws:iam::123456789012:role/r",
        ]);
        arguments.extend(bundle);
        let ran = project.run(arguments);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let mut document: Json = serde_json::from_str(&ran.out).unwrap();
        if !bundle.is_empty() {
            document = document["Resources"]["StateMachine"]["Properties"]["Definition"].take();
        }
        let variables = &document["States"]["start"]["Parameters"]["ContainerOverrides"]["Environment"];
        for (index, text) in texts.iter().enumerate() {
            let name = format!("V{index}");
            let mut named = variables.as_array().unwrap().iter();
            let variable = named.find(|variable| variable["Name"] == name.as_str()).unwrap();
            assert_eq!(joined(&variable["Value"]), *text);
        }
    }
}
