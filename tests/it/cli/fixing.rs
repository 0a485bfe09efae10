//! `flowc check --fix`: the edits, and the files they are made in.

use super::*;

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

/// `self.models` is surely no name where the step sets it to a list.
#[test]
fn the_value_behind_foreach_becomes_its_name() {
    let flow = include_str!("../../../fixtures/rules/FLC303.py");
    let project = Project::new(&[("train.py", flow)]);
    project.run(["check", "--fix", "train.py"]);
    let fixed = project.read("train.py");
    assert!(fixed.contains("foreach=\"models\")"), "{fixed}");
    let asked = flow.replace("self.models = [\"a\", \"b\"]", "self.models = names()");
    project.write("asked.py", &asked);
    project
        .run(["check", "--fix", "asked.py"])
        .says("write the name: `foreach=\"models\"`");
    assert_eq!(project.read("asked.py"), asked);
}

/// `self.models` may be a name where something else may set it, or where it keeps what an earlier step set.
#[test]
fn a_value_that_may_be_a_name_is_left_to_the_reader() {
    let flow = include_str!("../../../fixtures/rules/FLC303.py");
    let set = "        self.models = [\"a\", \"b\"]\n";
    let pick = "    def pick(self):\n        self.models = \"names\"\n\n    @step\n    def train(self)";
    let cases = [
        format!("{set}        self.pick()\n"),
        format!("{set}        pick(self)\n"),
        format!("{set}        vars(self)[\"models\"] = \"names\"\n"),
        format!("{set}        self.pick_of_a_base()\n"),
        "        if self.names:\n            self.models = [\"a\", \"b\"]\n".to_owned(),
    ];
    for case in cases {
        let flow = flow
            .replace(set, &case)
            .replace("    @step\n    def train(self)", pick);
        let project = Project::new(&[("train.py", &flow)]);
        let ran = project.run(["check", "--fix", "train.py"]);
        ran.says("write the name: `foreach=\"models\"`");
        assert_eq!(project.read("train.py"), flow, "{case}");
    }
}
