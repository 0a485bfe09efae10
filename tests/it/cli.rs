//! The program from outside: exit codes, streams, settings, files.

use std::process::Stdio;

use crate::program::{Project, flowc};

const GOOD: &str = "from metaflow import FlowSpec, step


class TrainFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == \"__main__\":
    TrainFlow()
";

/// Everything a definition needs.
const DEPLOYMENT: [&str; 6] = [
    "--datastore-root",
    "s3://bucket/metaflow",
    "--code",
    "image:/app",
    "--image",
    "python:3.12",
];

fn bad() -> String {
    GOOD.replace("self.next(self.end)", "self.next(self.nowhere)")
}

fn project() -> Project {
    Project::new(&[("good.py", GOOD), ("bad.py", &bad())])
}

fn compile<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["compile", file, "--target", "argo"], more].concat()
}

#[test]
fn exit_codes_tell_clean_findings_and_failure_apart() {
    let project = project();
    project
        .run(["check", "good.py"])
        .ends(0)
        .says("no problem in 1 flow of 1 file")
        .without_stderr();
    project
        .run(["check", "bad.py"])
        .ends(1)
        .says("FLC110")
        .without_stderr();
    project
        .run(["check", "missing.py"])
        .ends(2)
        .complains("missing.py");
    project
        .run(["check", "bad.py", "missing.py"])
        .ends(2)
        .says("FLC110")
        .complains("missing.py");
    project
        .run(["check", "--no-such-option"])
        .ends(2)
        .complains("--no-such-option");
    project.run(["frobnicate"]).ends(2);
    project.run([""; 0]).ends(2);
    project
        .run(["check", "--exit-zero", "bad.py"])
        .ends(0)
        .says("FLC110");
    project.run(["check", "--help"]).ends(0).says("Examples:");
    project.run(["--version"]).ends(0).says(env!("CARGO_PKG_VERSION"));
}

#[test]
fn every_format_ends_alike() {
    let project = project();
    for format in [
        "full", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "rdjson", "markdown",
    ] {
        project
            .run(["check", "--output-format", format, "bad.py"])
            .ends(1)
            .says("FLC110")
            .without_stderr();
        project
            .run(["check", "--output-format", format, "good.py"])
            .ends(0)
            .without_stderr();
    }
}

#[test]
fn stdin_is_a_file_like_any_other() {
    let project = Project::new(&[("base.py", GOOD)]);
    let run =
        |text: &str, more: &[&str]| project.run_with([&["check", "-"], more].concat(), &[], text.as_bytes());
    run(GOOD, &[]).ends(0);
    run(
        &bad(),
        &["--stdin-filename", "x.py", "--output-format", "concise"],
    )
    .ends(1)
    .says("x.py:7:19: error[FLC110]");
    let child = "from base import TrainFlow\n\n\nclass Child(TrainFlow):\n    pass\n\n\nChild()\n";
    run(
        child,
        &["--stdin-filename", "child.py", "--output-format", "json"],
    )
    .ends(0)
    .says("\"flows\": 1");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let project = project();
    for index in 0..200 {
        project.write(&format!("many/flow{index}.py"), bad());
    }
    let mut child = flowc(&project.path(""))
        .args(["check", "many"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn folders_are_searched_for_flows_alone() {
    let project = Project::new(&[
        ("flows/train.py", GOOD),
        ("flows/deep/er.py", &GOOD.replace("TrainFlow", "DeepFlow")),
        ("flows/tool.py", "import json\n\n\nclass Tool(dict):\n    pass\n"),
        ("flows/broken_tool.py", "def f(:\n"),
        ("flows/.hidden/x.py", &bad()),
        ("flows/ignored.py", &bad()),
        ("flows/notes.txt", "from metaflow import FlowSpec"),
        ("flows/.gitignore", "ignored.py\n"),
        (
            "flows/base.py",
            "from metaflow import FlowSpec\n\n\nclass Base(FlowSpec):\n    pass\n",
        ),
        (
            "flows/derived.py",
            "from base import Base as B\nimport base\nfrom metaflow import step\n\n\nclass Derived(B):\n    @step\n    def start(self):\n        self.next(self.gone)\n\n    @step\n    def end(self):\n        pass\n",
        ),
    ]);
    let ran = project
        .run([
            "check",
            "--select",
            "FLC110",
            "--output-format",
            "concise",
            "flows",
        ])
        .ends(1);
    assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
    ran.says("flows/derived.py:9:19").without_stderr();
    project.run(["check", "flows/ignored.py"]).ends(1);
    Project::new(&[]).run(["check"]).ends(0).says("0 flows");
}

#[test]
fn a_base_for_other_files_need_not_be_a_whole_flow() {
    let base = "from metaflow import FlowSpec, step\n\n\nclass Base(FlowSpec):\n    @step\n    def start(self):\n        self.next(self.end)\n";
    let derived = "from base import Base\nfrom metaflow import step\n\n\nclass Derived(Base):\n    @step\n    def end(self):\n        pass\n\n\nDerived()\n";
    let project = Project::new(&[
        ("flows/base.py", base),
        ("flows/derived.py", derived),
        (
            "flows/empty.py",
            "from metaflow import FlowSpec\n\n\nclass Empty(FlowSpec):\n    pass\n",
        ),
    ]);
    project.run(["check", "flows"]).ends(0);
    project
        .run(["check", "./flows/base.py", "flows/derived.py"])
        .ends(0);
    project.run(["check", "flows/base.py"]).ends(1).says("FLC107");
}

#[cfg(unix)]
#[test]
fn odd_paths_are_answered() {
    use std::os::unix::fs::symlink;
    let project = Project::new(&[
        ("folder.py/x.py", GOOD),
        ("looped/x.py", GOOD),
        ("od d\né%s'\".py", GOOD),
    ]);
    symlink("nowhere.py", project.path("dangling.py")).unwrap();
    symlink("loop.py", project.path("loop.py")).unwrap();
    symlink(project.path("looped"), project.path("looped/again")).unwrap();
    project
        .run(["check", "folder.py"])
        .ends(0)
        .says("1 flow of 1 file");
    project
        .run(["check", "dangling.py"])
        .ends(2)
        .complains("dangling.py");
    project.run(["check", "loop.py"]).ends(2).complains("loop.py");
    project.run(["check", "looped"]).ends(0).says("1 flow of 1 file");
    project.run(["check", "/dev/null"]).ends(0);
    project.run(["check", "/dev/zero"]).ends(2).complains("64 MiB");
    project.run(["check", ""]).ends(2);
    project.run(["check", "od d\né%s'\".py"]).ends(0);
    project
        .run(["compile", "--target", "argo", "dangling.py"])
        .ends(2)
        .complains("dangling.py");
    project
        .run(["graph", "missing.py"])
        .ends(2)
        .complains("missing.py");
}

#[test]
fn rules_are_chosen_by_code_prefix_and_name() {
    let project = project();
    project.run(["check", "--select", "FLC2", "bad.py"]).ends(0);
    project
        .run([
            "check",
            "--select",
            "FLC2",
            "--extend-select",
            "unknown-step",
            "bad.py",
        ])
        .ends(1);
    project
        .run(["check", "--ignore", "FLC110,FLC117", "bad.py"])
        .ends(0);
    project
        .run(["check", "--select", "unknown-stp", "bad.py"])
        .ends(2)
        .complains("did you mean `unknown-step`?");
    project
        .run(["check", "--ignore", "FLC999", "bad.py"])
        .ends(2)
        .complains("`FLC999`");
    project
        .run(["check", "--statistics", "bad.py"])
        .ends(1)
        .says("    1  FLC110  unknown-step\n");
}

#[test]
fn comments_silence_and_unused_ones_are_reported() {
    let quiet = bad().replace(
        "self.nowhere)",
        "self.nowhere)  # flowc: ignore[FLC110] to be written",
    );
    let project = Project::new(&[
        ("quiet.py", &quiet),
        (
            "idle.py",
            &GOOD.replace("self.end)", "self.end)  # flowc: ignore[FLC110]"),
        ),
    ]);
    project
        .run(["check", "--select", "FLC110,FLC801", "quiet.py"])
        .ends(0);
    project
        .run(["check", "idle.py"])
        .ends(0)
        .says("warning[FLC801]: `FLC110` finds nothing here to ignore");
    project.run(["check", "--deny", "warnings", "idle.py"]).ends(1);
    project
        .run(["check", "--select", "FLC2", "--deny", "warnings", "idle.py"])
        .ends(0);
}

#[test]
fn comments_can_be_added_to_all_findings() {
    let project = project();
    project.run(["check", "--add-ignore", "bad.py"]).ends(0);
    assert!(
        project
            .read("bad.py")
            .contains("self.next(self.nowhere)  # flowc: ignore[FLC110"),
        "{}",
        project.read("bad.py")
    );
    project.run(["check", "bad.py"]).ends(0);
}

#[test]
fn a_baseline_remembers_what_was_there() {
    let project = project();
    project
        .run(["check", "--baseline", "known.json", "bad.py"])
        .ends(2)
        .complains("known.json");
    project
        .run(["check", "--baseline", "known.json", "--write-baseline", "bad.py"])
        .ends(0);
    project
        .run(["check", "--baseline", "known.json", "bad.py"])
        .ends(0);
    project.write(
        "bad.py",
        format!("\n\n{}", bad().replace("self.nowhere", "self.elsewhere")),
    );
    project
        .run(["check", "--baseline", "known.json", "bad.py"])
        .ends(1)
        .says("elsewhere");
}

#[test]
fn the_result_can_go_to_a_file() {
    let project = project();
    let ran = project
        .run([
            "check",
            "--output-format",
            "concise",
            "--output-file",
            "out.txt",
            "bad.py",
        ])
        .ends(1);
    assert_eq!(ran.out, "");
    assert!(project.read("out.txt").starts_with("bad.py:7:19: error[FLC110]"));
    assert_eq!(project.names(), ["bad.py", "good.py", "out.txt"]);
}

#[test]
fn color_is_for_terminals_or_on_request() {
    let project = project();
    let colored = |ran: crate::program::Ran| ran.out.contains('\x1b');
    assert!(!colored(project.run(["check", "bad.py"])));
    assert!(colored(project.run(["check", "--color", "always", "bad.py"])));
    assert!(!colored(project.run_with(
        ["check", "--color", "never", "bad.py"],
        &[("CLICOLOR_FORCE", "1")],
        b""
    )));
}

#[test]
fn settings_come_in_layers() {
    let project = Project::new(&[
        (
            "flowc.toml",
            "image = \"file\"\nuser = \"file\"\n[metaflow]\nSERVICE_URL = \"https://file\"\n",
        ),
        ("flows/train.py", GOOD),
    ]);
    let shown = project
        .run(["settings", "flows/train.py", "--image", "option"])
        .ends(0)
        .says("# --image")
        .without_stderr();
    assert!(shown.out.contains("image = \"option\""), "{}", shown.out);
    assert!(
        shown
            .out
            .lines()
            .any(|line| line.starts_with("user = \"file\"") && line.ends_with("flowc.toml:2")),
        "{}",
        shown.out
    );
    assert!(
        shown
            .out
            .lines()
            .any(|line| line.starts_with("max-workers = 100") && line.ends_with("# default")),
        "{}",
        shown.out
    );
    project.run(["settings", "--isolated"]).ends(0).says("# image");
    let environment = [("METAFLOW_USER", "env"), ("METAFLOW_SERVICE_URL", "https://env")];
    project
        .run_with(["settings"], &environment, b"")
        .ends(0)
        .says("user = \"file\"");
    let asked = project.run_with(
        [
            "settings",
            "--env",
            "METAFLOW_USER",
            "--env",
            "METAFLOW_SERVICE_URL",
        ],
        &environment,
        b"",
    );
    asked
        .ends(0)
        .says("user = \"env\"")
        .says("environment METAFLOW_USER")
        .says("metaflow.SERVICE_URL = \"https://env\"");
    project
        .run(["settings", "--env", "USER"])
        .ends(2)
        .complains("`USER` is no `METAFLOW_*` setting");
    project
        .run(["settings", "--env", "METAFLOW_USR"])
        .ends(2)
        .complains("--env: `METAFLOW_USR` is no setting of Metaflow 2.19; did you mean `METAFLOW_USER`?");
}

#[test]
fn pyproject_counts_where_it_speaks_of_flowc() {
    let project = Project::new(&[
        (
            "pyproject.toml",
            "[project]\nname = \"x\"\n[tool.flowc]\nimage = \"outer\"\n",
        ),
        ("flows/pyproject.toml", "[project]\nname = \"y\"\n"),
        ("flows/train.py", GOOD),
    ]);
    project
        .run(["settings", "flows"])
        .ends(0)
        .says("image = \"outer\"")
        .says("pyproject.toml:4");
}

#[test]
fn a_misspelt_key_is_told_with_its_line() {
    let project = Project::new(&[("train.py", GOOD)]);
    let cases = [
        (
            "# x\ndatastor-root = \"s3://b\"\n",
            "flowc.toml:2: unknown key `datastor-root`; did you mean `datastore-root`?",
        ),
        (
            "[argo]\nverison = \"4.1\"\n",
            "flowc.toml:2: unknown key `argo.verison`; did you mean `argo.version`?",
        ),
        (
            "max-workers = \"many\"\n",
            "flowc.toml:1: `max-workers` must be a whole number, not \"many\"",
        ),
        ("max-workers = 0\n", "must be at least 1"),
        ("image = \n", "flowc.toml:1:"),
        (
            "[decorators]\ngpu = \"nice\"\n",
            "`decorators.gpu` must be `harmless` or `mutator`",
        ),
        ("target = [\"agro\"]\n", "did you mean `argo`?"),
        ("[check]\nselect = [\"FLC999\"]\n", "FLC999"),
        ("[argo]\nversion = \"2.0\"\ntarget = 1\n", "argo.target"),
    ];
    for (text, message) in cases {
        project.write("flowc.toml", text);
        project.run(["check", "train.py"]).ends(2).complains(message);
    }
    project.run(["check", "--isolated", "train.py"]).ends(0);
    project
        .run(["check", "--settings", "gone.toml", "train.py"])
        .ends(2)
        .complains("gone.toml");
}

#[test]
fn what_a_definition_lacks_is_listed_at_once() {
    let project = project();
    let ran = project.run(compile("good.py", &[])).ends(2);
    assert_eq!(ran.out, "");
    let ran = ran
        .complains("3 settings are missing")
        .complains("--datastore-root URL")
        .complains("steps `end`, `start`");
    let block: String = ran
        .err
        .lines()
        .filter(|line| line.contains(" = "))
        .map(|line| format!("{line}\n"))
        .collect();
    project.write("flowc.toml", block);
    project
        .run(compile("good.py", &[]))
        .ends(0)
        .says("kind: WorkflowTemplate");
}

#[test]
fn a_draft_says_so() {
    let project = project();
    let ran = project
        .run(compile("good.py", &["--draft"]))
        .ends(0)
        .complains("draft");
    assert!(
        ran.out.starts_with("# ") && ran.out.lines().next().unwrap().contains("draft"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("s3://DATASTORE-ROOT"), "{}", ran.out);
    let whole = project
        .run(compile("good.py", &[&DEPLOYMENT[..], &["--draft"]].concat()))
        .ends(0)
        .without_stderr();
    assert!(!whole.out.contains("draft"), "{}", whole.out);
}

#[test]
fn findings_stand_in_the_way_of_a_definition() {
    let project = project();
    let ran = project
        .run(compile("bad.py", &DEPLOYMENT))
        .ends(1)
        .complains("FLC110");
    assert_eq!(ran.out, "");
    project
        .run(compile(
            "bad.py",
            &[&DEPLOYMENT[..], &["-o", "out.yaml"]].concat(),
        ))
        .ends(1);
    assert_eq!(project.names(), ["bad.py", "good.py"]);
}

#[test]
fn definitions_go_to_files_and_folders() {
    let project = project();
    let text = project
        .run(compile("good.py", &DEPLOYMENT))
        .ends(0)
        .without_stderr()
        .out;
    project
        .run(compile(
            "good.py",
            &[&DEPLOYMENT[..], &["-o", "train.yaml"]].concat(),
        ))
        .ends(0);
    assert_eq!(project.read("train.yaml"), text);
    project.write("out/keep.txt", "mine");
    project
        .run(compile("good.py", &[&DEPLOYMENT[..], &["-o", "out/"]].concat()))
        .ends(0);
    assert_eq!(project.read("out/keep.txt"), "mine");
    assert_eq!(std::fs::read_dir(project.path("out")).unwrap().count(), 2);
    let json = project
        .run(compile(
            "good.py",
            &[&DEPLOYMENT[..], &["--format", "json"]].concat(),
        ))
        .ends(0)
        .out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["kind"], "WorkflowTemplate");
    project
        .run(compile(
            "good.py",
            &[&DEPLOYMENT[..], &["-o", "gone/x.yaml"]].concat(),
        ))
        .ends(2)
        .complains("gone/x.yaml");
}

#[test]
fn options_of_a_deployment_are_checked() {
    let project = project();
    let with = |option: &[&str]| {
        let mut all = compile("good.py", &DEPLOYMENT);
        all.extend(option);
        project.run(all)
    };
    with(&["--set", "FOO=1"])
        .ends(2)
        .complains("--set: `METAFLOW_FOO` is no setting of Metaflow");
    with(&["--set", "METAFLOW_SERVICE_ULR=x"])
        .ends(2)
        .complains("did you mean `METAFLOW_SERVICE_URL`?");
    with(&["--set", "nothing"]).ends(2).complains("--set");
    with(&["-D", "nothing"]).ends(2).complains("-D");
    with(&["--config", "nothing"]).ends(2).complains("--config");
    let image = [
        "compile", "good.py", "--draft", "--target", "argo", "--image", "a b",
    ];
    project
        .run(image)
        .ends(2)
        .complains("image: `a b` is no name of an image: it has a blank");
    with(&["--argo-version", "9.9"]).ends(2).complains("3.6 to 4.1");
    let airflow = |version: &'static str| {
        let options = ["--target", "airflow", "--provider-version", version];
        project.run([&["compile", "good.py"], &DEPLOYMENT[..], &options].concat())
    };
    airflow("10.25.0")
        .ends(0)
        .complains("note[FLC402]: `--provider-version 10.25` has no effect");
    airflow("7.1").ends(2).complains("`7.1` is not 7.2 or later");
    airflow("new").ends(2).complains("`new` is not 7.2 or later");
    with(&["--max-workers", "0"]).ends(2).complains("max-workers");
    let code = |code: &str| {
        project.run([
            "compile", "good.py", "--target", "argo", "--draft", "--code", code,
        ])
    };
    code("package").ends(0).says("s3://DATASTORE-ROOT/");
    code("s3://b/x@123").ends(2).complains("SHA-1");
    code("zip").ends(2).complains("`zip`");
    let root = |root: &str| {
        project.run([
            "compile",
            "good.py",
            "--target",
            "argo",
            "--draft",
            "--datastore-root",
            root,
        ])
    };
    root("ftp://x").ends(2).complains("unknown scheme");
    root("/tmp/x").ends(2).complains("has no scheme");
    project
        .run([
            "compile",
            "good.py",
            "--target",
            "argo",
            "--draft",
            "--datastore",
            "gs",
            "--datastore-root",
            "s3://b",
        ])
        .ends(2);
}

#[test]
fn one_of_several_flows_is_named() {
    let several = format!(
        "{GOOD}\n\nclass Other(FlowSpec):\n    @step\n    def start(self):\n        self.next(self.end)\n\n    @step\n    def end(self):\n        pass\n"
    );
    let several = several.replace("if __name__ == \"__main__\":\n    TrainFlow()\n", "");
    let project = Project::new(&[("several.py", &several), ("none.py", "x = 1\n")]);
    project
        .run(compile("several.py", &DEPLOYMENT))
        .ends(2)
        .complains("`TrainFlow`, `Other`");
    project
        .run(compile("several.py:Other", &DEPLOYMENT))
        .ends(0)
        .says("Other");
    project
        .run(compile("several.py:Gone", &DEPLOYMENT))
        .ends(2)
        .complains("no flow `Gone`");
    project
        .run(compile("none.py", &DEPLOYMENT))
        .ends(2)
        .complains("no flow");
    project.run(["check", "several.py"]).ends(0).says("2 flows");
}

#[test]
fn a_settings_file_is_written_once() {
    let project = Project::new(&[("good.py", GOOD)]);
    project.run(["init"]).ends(0).complains("wrote flowc.toml");
    project.run(["init"]).ends(2).complains("is there already");
    project
        .run(["settings"])
        .ends(0)
        .says("datastore-root = \"s3://bucket/metaflow\"");
    project
        .run(compile("good.py", &[]))
        .ends(0)
        .says("s3://bucket/metaflow");
    project.run(["init", "gone"]).ends(2).complains("gone");
}

#[test]
fn rules_have_pages() {
    let project = Project::new(&[]);
    let list = project.run(["rules", "--format", "json"]).ends(0).out;
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let codes: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["code"].as_str().unwrap())
        .collect();
    assert!(codes.is_sorted() && codes.contains(&"FLC110"), "{codes:?}");
    project
        .run(["explain", "FLC110"])
        .ends(0)
        .says("# FLC110 unknown-step (error)")
        .says("## What Metaflow says");
    project.run(["explain", "unknown-step"]).ends(0).says("# FLC110");
    project
        .run(["explain", "unknown-stp"])
        .ends(2)
        .complains("did you mean `unknown-step`?");
    project.run(["rules"]).ends(0).says("FLC110 error   unknown-step");
    let retired = "FLC528 (`variable-of-the-job`) is retired: FLC518 says the same of every target";
    for name in ["FLC528", "variable-of-the-job"] {
        project
            .run(["explain", name])
            .ends(0)
            .says(&format!("{retired}.\n\n# FLC518 own-variable (warning)"));
    }
    let own = "from metaflow import FlowSpec, environment, step\n\n\nclass A(FlowSpec):\n    \
               @environment(vars={\"METAFLOW_RUN_ID\": \"1\"})\n    @step\n    def start(self):\n        \
               self.next(self.end)\n\n    @step\n    def end(self):\n        pass\n\n\nA()\n";
    project.write("own.py", own);
    let check = [
        "check",
        "own.py",
        "--target",
        "step-functions",
        "--deny",
        "warnings",
    ];
    project.run(check).ends(1).says("FLC518");
    let ignored = [&check[..], &["--ignore", "FLC528"]].concat();
    project.run(ignored).ends(0).complains(retired);
    let line = "    def start(self):";
    project.write(
        "own.py",
        own.replace(line, &format!("{line}  # flowc: ignore[FLC528] as meant")),
    );
    project.run(check).ends(0);
    project
        .run(["completions", "bash"])
        .ends(0)
        .says("--output-format");
}

#[test]
fn the_report_says_what_the_definition_rests_on() {
    let project = project();
    project
        .run(compile(
            "good.py",
            &[&DEPLOYMENT[..], &["--report", "json:report.json"]].concat(),
        ))
        .ends(0);
    let report: serde_json::Value = serde_json::from_str(&project.read("report.json")).unwrap();
    assert_eq!(report["target"], "argo");
    assert_eq!(report["flow"], "TrainFlow");
    assert_eq!(report["flow_files"][0], "good.py");
    assert_eq!(report["digest"].as_str().unwrap().len(), 40);
    let name = &report["measures"][0];
    assert_eq!(
        (&name["limit"], &name["what"], &name["size"], &name["most"]),
        (
            &"ArgoWorkflowName".into(),
            &"trainflow".into(),
            &9.into(),
            &45.into()
        )
    );
    assert_eq!(report["diagnostics"], serde_json::json!([]));
}

#[test]
fn folders_can_be_left_out() {
    let project = Project::new(&[
        ("flowc.toml", "[check]\nexclude = [\"legacy\", \"*_old.py\"]\n"),
        ("flows/train.py", GOOD),
        ("flows/legacy/train.py", &bad()),
        ("flows/train_old.py", &bad()),
    ]);
    project.run(["check"]).ends(0).says("1 flow of 1 file");
    project.run(["check", "flows"]).ends(0).says("1 flow of 1 file");
    project.run(["check", "--isolated"]).ends(1);
    project.run(["check", "flows/train_old.py"]).ends(1);
}

#[test]
fn a_warning_about_settings_is_given_once() {
    let project = Project::new(&[("one/train.py", GOOD), ("two/train.py", GOOD)]);
    let ran = project
        .run(["check", "-D", "VERSION=1.10"])
        .ends(0)
        .complains("read as the number 1.1");
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    project
        .run(["check", "-q", "-D", "VERSION=1.10"])
        .ends(0)
        .without_stderr();
}

#[test]
fn words_of_a_settings_file_are_known_ones() {
    for (text, problem) in [
        (
            "[metaflow]\nFOO = 1\n",
            "flowc.toml:2: `METAFLOW_FOO` is no setting of Metaflow 2.19",
        ),
        (
            "[metaflow]\nSERVICE_ULR = \"x\"\n",
            "flowc.toml:2: `METAFLOW_SERVICE_ULR` is no setting of Metaflow 2.19; did you mean `METAFLOW_SERVICE_URL`?",
        ),
        (
            "target = [\"foo\"]\n",
            "flowc.toml:1: `target` must be one of argo, step-functions, airflow, all, not `foo`",
        ),
        ("target = \"argoo\"\n", "not `argoo`; did you mean `argo`?"),
        (
            "target = 3\n",
            "flowc.toml:1: `target` must be a list of argo, step-functions, airflow, all, not 3",
        ),
        (
            "check.deny = [\"warning\"]\n",
            "not `warning`; did you mean `warnings`?",
        ),
    ] {
        let project = Project::new(&[("flowc.toml", text), ("train.py", GOOD)]);
        for words in [&["check"][..], &["settings"], &["compile", "train.py", "--draft"]] {
            project.run(words.iter().copied()).ends(2).complains(problem);
        }
    }
}

fn misspelt() -> String {
    GOOD.replace("import FlowSpec", "import FlowSpec, retry").replace(
        "    @step\n    def start",
        "    @retry(tiems=3)\n    @step\n    def start",
    )
}

#[test]
fn safe_fixes_are_applied_and_the_rest_reported() {
    let both = misspelt().replace("self.end)", "self.nowhere)");
    let project = Project::new(&[("one.py", &misspelt()), ("both.py", &both)]);
    project
        .run(["check", "one.py"])
        .ends(1)
        .says("1 fixable with --fix");
    let patch = project
        .run(["check", "--diff", "one.py"])
        .ends(1)
        .says("-    @retry(tiems=3)\n+    @retry(times=3)\n")
        .out;
    assert!(
        patch.starts_with("--- one.py\n+++ one.py\n@@ -2,7 +2,7 @@\n"),
        "{patch}"
    );
    assert_eq!(project.read("one.py"), misspelt());
    project
        .run(["check", "--fix", "one.py"])
        .ends(0)
        .complains("fixed 1 finding");
    assert_eq!(project.read("one.py"), misspelt().replace("tiems", "times"));
    project.run(["check", "--fix", "both.py"]).ends(1).says("1 error");
    project.run(["check", "--diff", "one.py"]).ends(0);
    assert_eq!(project.names(), ["both.py", "one.py"]);
}

#[test]
fn fixes_keep_marks_and_leave_other_encodings_alone() {
    let project = Project::new(&[]);
    let marked = [b"\xef\xbb\xbf", misspelt().replace('\n', "\r\n").as_bytes()].concat();
    project.write("marked.py", &marked);
    project.run(["check", "--fix", "marked.py"]).ends(0);
    assert_eq!(
        project.read("marked.py"),
        format!(
            "\u{feff}{}",
            misspelt().replace("tiems", "times").replace('\n', "\r\n")
        )
    );
    let latin = [b"# coding: latin-1 \xe9\n", misspelt().as_bytes()].concat();
    project.write("latin.py", &latin);
    project
        .run(["check", "--fix", "latin.py"])
        .ends(1)
        .complains("left as it is");
    assert_eq!(std::fs::read(project.path("latin.py")).unwrap(), latin);
}

#[cfg(unix)]
#[test]
fn a_written_file_keeps_its_permissions_and_links() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let project = Project::new(&[("one.py", &misspelt())]);
    std::fs::set_permissions(project.path("one.py"), std::fs::Permissions::from_mode(0o750)).unwrap();
    symlink("one.py", project.path("link.py")).unwrap();
    project.run(["check", "--fix", "link.py"]).ends(0);
    assert!(project.path("link.py").is_symlink());
    assert_eq!(project.read("one.py"), misspelt().replace("tiems", "times"));
    let mode = std::fs::metadata(project.path("one.py"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o750);
    project
        .run(compile(
            "one.py",
            &[&DEPLOYMENT[..], &["-o", "/dev/stdout"]].concat(),
        ))
        .ends(0)
        .says("WorkflowTemplate");
}

#[test]
fn what_is_required_depends_on_the_flow() {
    let project = Project::new(&[
        ("good.py", GOOD),
        (
            "mine.py",
            &GOOD
                .replace("import FlowSpec", "import FlowSpec, project")
                .replace("class TrainFlow", "@project(name=\"demo\")\nclass TrainFlow"),
        ),
    ]);
    let mine = |more: &[&str]| project.run(compile("mine.py", &[&DEPLOYMENT[..], more].concat()));
    mine(&[]).ends(2).complains("--user NAME");
    mine(&["--user", "alice"]).ends(0).says("alice");
    mine(&["--production"]).ends(0);
    mine(&["--branch", "b"]).ends(0);
    let good = |more: &[&str]| project.run(compile("good.py", more));
    let code = ["--code", "image"];
    let root = ["--datastore-root", "s3://bucket/metaflow/"];
    let image = ["--image", "python:3.12"];
    good(&[&code[..], &root, &["--with", "kubernetes:image=python:3.11"]].concat())
        .ends(0)
        .says("python:3.11");
    good(
        &[
            &code[..],
            &root,
            &["--set", "METAFLOW_KUBERNETES_CONTAINER_IMAGE=python:3.10"],
        ]
        .concat(),
    )
    .ends(0)
    .says("python:3.10");
    good(
        &[
            &code[..],
            &image,
            &["--set", "METAFLOW_DATASTORE_SYSROOT_GS=gs://bucket/x"],
        ]
        .concat(),
    )
    .ends(0)
    .says("gs://bucket/x");
    good(
        &[
            &code[..],
            &image,
            &["--datastore", "azure", "--datastore-root", "container/x"],
        ]
        .concat(),
    )
    .ends(0)
    .says("container/x");
}

#[test]
fn targets_can_be_asked_for_one_by_one_or_all() {
    let recursive = GOOD.replace(
        "        self.next(self.end)\n",
        "        self.more = \"no\"\n        self.next({\"yes\": self.start, \"no\": self.end}, condition=\"more\")\n",
    );
    let project = Project::new(&[(
        "batch.py",
        &recursive
            .replace("import FlowSpec", "import FlowSpec, batch")
            .replace(
                "    @step\n    def end",
                "    @batch(cpu=1)\n    @step\n    def end",
            ),
    )]);
    let found = |targets: &[&str]| {
        let mut arguments = vec!["check", "batch.py", "--select", "FLC4", "--output-format", "json"];
        for target in targets {
            arguments.extend(["--target", target]);
        }
        let json: serde_json::Value = serde_json::from_str(&project.run(arguments).out).unwrap();
        let list = json["diagnostics"].as_array().unwrap().clone();
        let mut names: Vec<String> = list
            .iter()
            .flat_map(|found| found["targets"].as_array().unwrap())
            .map(|name| name.as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names.dedup();
        names
    };
    assert_eq!(found(&[]), Vec::<String>::new());
    assert_eq!(found(&["argo"]), ["argo"]);
    assert_eq!(found(&["argo", "airflow"]), ["airflow", "argo"]);
    assert_eq!(found(&["all"]), ["airflow", "argo"]);
}

/// Sizes without the deployment's values are an estimate, which is said beside the result.
#[test]
fn what_was_measured_with_placeholders_is_told() {
    let project = project();
    project
        .run(["check", "good.py", "--target", "argo"])
        .ends(0)
        .complains("sizes were measured with placeholders for code, datastore-root, image;");
    project
        .run(["-q", "check", "good.py", "--target", "argo"])
        .ends(0)
        .without_stderr();
}

/// `1.10` for a text is easily given as a number.
#[test]
fn a_number_that_is_spelt_anew_is_told() {
    let project = project();
    project
        .run(["check", "good.py", "-D", "TrainFlow.version=1.10"])
        .complains("warning: -D TrainFlow.version=1.10: read as the number 1.1; the text is `\"1.10\"`");
}

/// What a decorator of `--with` is refused for in the source stands in the way here as well.
#[test]
fn decorators_from_the_command_line_meet_the_rules() {
    let project = project();
    let given = |spec| compile("good.py", &[&DEPLOYMENT[..], &["--with", spec]].concat());
    let refused = [
        ("timeout", "FLC227"),
        ("timeout:seconds=10", "FLC228"),
        ("batch", "FLC401"),
        ("kubernetes:image_pull_policy=zz", "FLC221"),
    ];
    for (spec, code) in refused {
        project
            .run(given(spec))
            .ends(1)
            .complains(code)
            .complains(&format!("attached by `--with {spec}`"));
    }
    project.run(given("timeout:minutes=2")).ends(0).without_stderr();
}

#[test]
fn settings_with_which_no_task_starts_are_refused() {
    let project = project();
    let wrong: [(&[&str], &str); 8] = [
        (
            &["--set", "METAFLOW_KUBERNETES_CPU=abc"],
            "METAFLOW_KUBERNETES_CPU: `abc` is no number",
        ),
        (
            &["--set", "METAFLOW_DEFAULT_METADATA=service"],
            "--set METAFLOW_SERVICE_URL=URL",
        ),
        (&["--datastore-root", "s3://"], "names no bucket"),
        (&["--code", "image:app"], "`app` is relative"),
        (&["--tag", ""], "a tag cannot be empty"),
        (
            &["--tag", &"x".repeat(501)],
            "has 501 characters, Metaflow accepts 500",
        ),
        (&["--name", "a..b"], "FLC507"),
        (&["--name", "a-.b"], "FLC507"),
    ];
    for (options, message) in wrong {
        let name = options.first().copied().unwrap_or_default();
        let mut given = DEPLOYMENT.to_vec();
        if let Some(place) = given.iter().position(|option| *option == name) {
            given.drain(place..place + 2);
        }
        let ran = project.run(compile("good.py", &[&given, options].concat()));
        assert_ne!(ran.code, 0, "{options:?}");
        ran.complains(message);
    }
}

/// Names and variables that would make another definition than the flow says.
#[test]
fn what_argo_would_not_take_is_refused() {
    let vars = |text: &str| {
        GOOD.replace("import FlowSpec", "import FlowSpec, environment")
            .replacen(
                "    @step",
                &format!("    @environment(vars={{{text}}})\n    @step"),
                1,
            )
    };
    let mounted = |claims: &str| {
        let line = format!("    @kubernetes(persistent_volume_claims={{{claims}}})\n    @step");
        GOOD.replace("import FlowSpec", "import FlowSpec, kubernetes")
            .replacen("    @step", &line, 1)
    };
    let project = Project::new(&[
        ("letters.py", &GOOD.replace("TrainFlow", "Поток")),
        ("ours.py", &vars("\"FLOWC_PARAMETERS\": \"x\"")),
        ("metaflows.py", &vars("\"METAFLOW_STEP_NAME\": \"x\"")),
        ("impossible.py", &vars("\"A=B\": \"x\"")),
        ("mounted.py", &mounted("\"a\": \"/m\", \"b\": \"/m/\"")),
        ("results.py", &mounted("\"a\": \"/mnt/out\"")),
    ]);
    let given = |file, more: &[&'static str]| compile(file, &[&DEPLOYMENT[..], more].concat());
    project
        .run(given("letters.py", &[]))
        .ends(1)
        .complains("error[FLC507]: `Поток` leaves no name for the workflow");
    project
        .run(given("letters.py", &["--name", "train"]))
        .ends(0)
        .says("name: train");
    project
        .run(given("ours.py", &[]))
        .ends(1)
        .complains("error[FLC410]");
    project
        .run(given("metaflows.py", &[]))
        .ends(0)
        .complains("warning[FLC518]: `METAFLOW_STEP_NAME` of `start` has no effect");
    project
        .run(given("impossible.py", &[]))
        .ends(1)
        .complains("error[FLC250]");
    for (file, place) in [("mounted.py", "/m"), ("results.py", "/mnt/out")] {
        project
            .run(given(file, &[]))
            .ends(1)
            .complains(&format!("error[FLC519]: `{place}` of `start` is mounted twice"));
    }
}

/// A step may name the namespace that the workflow is deployed in, however that is given, and no other.
#[test]
fn a_step_may_name_the_deployments_namespace() {
    let named = |name: &str| {
        GOOD.replace("import FlowSpec", "import FlowSpec, kubernetes")
            .replacen(
                "    @step",
                &format!("    @kubernetes(namespace=\"{name}\")\n    @step"),
                1,
            )
    };
    let project = Project::new(&[("ml.py", &named("ml")), ("default.py", &named("default"))]);
    let given = |file, more: &[&'static str]| compile(file, &[&DEPLOYMENT[..], more].concat());
    project
        .run(given("ml.py", &[]))
        .ends(1)
        .complains("error[FLC403]");
    project
        .run(given("default.py", &[]))
        .ends(0)
        .says("namespace: default");
    project
        .run(given("default.py", &["--k8s-namespace", "ml"]))
        .ends(1)
        .complains("error[FLC403]");
    let setting = ["--set", "METAFLOW_KUBERNETES_NAMESPACE=ml"];
    for option in [&["--k8s-namespace", "ml"], &setting] {
        project.run(given("ml.py", option)).ends(0).says("namespace: ml");
    }
    let missing = ["compile", "ml.py", "--target", "argo", "--k8s-namespace", "ml"];
    project.run(missing).ends(2).complains("--datastore-root");
    let taken = ["--env", "METAFLOW_KUBERNETES_NAMESPACE"];
    project
        .run_with(
            given("ml.py", &taken),
            &[("METAFLOW_KUBERNETES_NAMESPACE", "ml")],
            b"",
        )
        .ends(0)
        .says("namespace: ml");
    let with = ["--k8s-namespace", "ml", "--with", "kubernetes:namespace=ml"];
    project.run(given("ml.py", &with)).ends(0);
    project.write("flowc.toml", "target = [\"argo\"]\nk8s-namespace = \"ml\"\n");
    project.run(["check", "ml.py"]).ends(0);
}

/// A tag that looks like a hole of the script's template.
#[test]
fn tags_are_not_taken_for_holes() {
    let project = project();
    let options = ["--tag", "see #STEP and #INIT"];
    project
        .run(compile("good.py", &[&DEPLOYMENT[..], &options].concat()))
        .ends(0)
        .says("'--tag=see #STEP and #INIT'");
}

/// Metaflow's tasks refuse options that contradict their decorator.
#[test]
fn options_of_projects_are_held_against_the_decorator() {
    let flow = |project: &str| {
        GOOD.replace("import FlowSpec", "import FlowSpec, project")
            .replace("class Train", &format!("@project({project})\nclass Train"))
    };
    let project = Project::new(&[
        ("branch.py", &flow("name=\"demo\", branch=\"x_1\"")),
        ("plain.py", &flow("name=\"demo\"")),
        ("never.py", &flow("name=\"demo\", production=False")),
    ]);
    let given = |file, more: &[&'static str]| compile(file, &[&DEPLOYMENT[..], more].concat());
    // A branch that stands in the source needs no user.
    project
        .run(given("branch.py", &[]))
        .ends(0)
        .says("name: demo.test.x1.trainflow");
    project
        .run(given("branch.py", &["--branch", "y"]))
        .ends(1)
        .complains("`--branch y` contradicts the branch `x_1` of `@project`");
    project
        .run(given("plain.py", &["--branch", "X"]))
        .ends(1)
        .complains("`--branch X` is no branch of a project");
    project
        .run(given("never.py", &["--production"]))
        .ends(1)
        .complains("`--production` contradicts `production=False`");
}

/// Editors read the schema from the repository.
#[test]
fn the_schema_of_the_settings_is_current() {
    let project = Project::new(&[]);
    let schema = project.run(["settings", "--schema"]).ends(0).out;
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/flowc.schema.json");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &schema).unwrap();
    }
    let current = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        current == schema,
        "docs/flowc.schema.json is not current: UPDATE_DOCS=1 cargo test"
    );
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let version = &schema["properties"]["argo"]["properties"]["version"];
    assert_eq!(version["type"], "string");
    let workers = &schema["properties"]["max-workers"];
    assert_eq!(
        (&workers["type"], &workers["minimum"]),
        (&"integer".into(), &1.into())
    );
}

/// Metaflow hands a parameter `script` over as `METAFLOW_INIT_SCRIPT`, which its containers execute.
#[test]
fn no_parameter_is_executed() {
    let flow = GOOD
        .replace("FlowSpec, step", "FlowSpec, Parameter, step")
        .replacen(
            "    @step",
            "    script = Parameter(\"script\", default=\"touch x\")\n\n    @step",
            1,
        );
    let project = Project::new(&[("train.py", &flow)]);
    for target in ["argo", "airflow", "step-functions"] {
        let words = ["compile", "train.py", "--draft", "--target", target];
        let ran = project.run(
            words
                .into_iter()
                .chain(["--set", "KUBERNETES_SANDBOX_INIT_SCRIPT=echo 1"]),
        );
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(!ran.out.contains("eval \"${METAFLOW_INIT_"), "{target}");
        let preparation = "eval \"${METAFLOW_KUBERNETES_SANDBOX_INIT_SCRIPT:-}";
        assert_eq!(
            ran.out.contains(preparation),
            target != "step-functions",
            "{target}"
        );
    }
}
