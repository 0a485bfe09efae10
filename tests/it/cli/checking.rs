//! `flowc check`: what it looks at, what it says, how it ends; the pages of rules.

use super::*;

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
    project.run(["check", "flows/base.py"]).ends(0);
    project
        .run(["check", "flows/base.py:Base"])
        .ends(1)
        .says("FLC107");
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
    project
        .run(["check", "--statistics", "--output-format", "json", "bad.py"])
        .ends(1)
        .says("\"code\": \"FLC110\",\n      \"name\": \"unknown-step\",\n      \"count\": 1");
    project
        .run(["check", "--statistics", "--output-format", "sarif", "bad.py"])
        .ends(2)
        .complains("allowed are `full`, `concise` and `json`");
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
