//! Paths that lead to nothing, files with more flows than they run, and files that cannot be written.

use crate::program::Project;

const TWO: &str = "from metaflow import FlowSpec, step

class Base(FlowSpec):
    pass

class Idle(Base):
    @step
    def start(self):
        self.next(self.nowhere)

class Run(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == \"__main__\":
    Run()
";

fn project() -> Project {
    Project::new(&[
        ("two.py", TWO),
        ("empty/util.py", "x = 1\n"),
        ("broken/util.py", "import metaflow\nx = (\n"),
    ])
}

#[test]
fn a_path_that_is_missing_is_no_clean_check() {
    let ran = project()
        .run(["check", "nope_dir"])
        .ends(2)
        .complains("cannot read `nope_dir`: ");
    assert_eq!(ran.out, "", "nothing was looked at");
    project()
        .run(["check", "nope_dir", "two.py"])
        .ends(2)
        .says("no problem in 1 flow of 1 file")
        .complains("nope_dir");
}

#[test]
fn a_check_without_a_flow_says_so() {
    for paths in [
        &["check", "empty"][..],
        &["check", "empty/util.py"],
        &["check", "-q", "empty"],
    ] {
        let ran = project().run(paths.iter().copied()).ends(0);
        let is_quiet = paths.contains(&"-q");
        let warning = format!("warning: no flow found in `{}`\n", paths[paths.len() - 1]);
        assert_eq!(ran.err, if is_quiet { String::new() } else { warning });
    }
    project()
        .run(["check", "empty", "two.py"])
        .ends(0)
        .without_stderr();
    // Nobody knows what an unreadable file would hold.
    project()
        .run(["check", "broken/util.py"])
        .ends(1)
        .without_stderr();
}

#[test]
fn a_graph_of_no_flow_is_an_error() {
    for format in ["text", "json", "mermaid", "svg"] {
        let ran = project()
            .run(["graph", "--format", format, "empty/util.py"])
            .ends(2)
            .complains("`empty/util.py` has no flow: no class in it derives from `FlowSpec`");
        assert_eq!(ran.out, "");
    }
    project()
        .run(["graph", "broken/util.py"])
        .ends(1)
        .complains("FLC100");
}

#[test]
fn flows_that_their_file_does_not_run_are_named() {
    let only = "no problem in 1 flow of 1 file; left out: Idle (its file runs another flow)\n";
    let ran = project().run(["check", "two.py"]).ends(0).without_stderr();
    assert_eq!(ran.out, only);
    let ran = project()
        .run(["check", "--output-format", "markdown", "two.py"])
        .ends(0);
    assert!(ran.out.contains(only), "{}", ran.out);
    let compile = ["compile", "--draft", "--target", "argo"];
    project()
        .run(compile.into_iter().chain(["two.py:Idle"]))
        .ends(2)
        .complains("`two.py` defines the flow `Idle`, but runs another; it has `Run`");
    project()
        .run(["graph", "two.py:Gone"])
        .ends(2)
        .complains("`two.py` has no flow `Gone`; it has `Run`");
    // A flow of another file extends it: it is no flow of its own.
    let project = project();
    project.write(
        "other.py",
        "from two import Idle\nclass Other(Idle):\n    pass\nOther()\n",
    );
    let ran = project
        .run(["check", "--select", "FLC2", "two.py", "other.py"])
        .ends(0);
    assert_eq!(ran.out, "no problem in 2 flows of 2 files\n");
}

#[test]
fn one_flow_of_a_file_can_be_asked_for() {
    let project = project();
    let bad = "from metaflow import FlowSpec, step\n\nclass Bad(FlowSpec):\n    @step\n    def start(self):\n        \
               self.next(self.gone)\n\n    @step\n    def end(self):\n        pass\n\nclass Good(FlowSpec):\n    @step\n    \
               def start(self):\n        self.next(self.end)  # flowc: ignore[FLC110]\n\n    @step\n    def end(self):\n        pass\n";
    project.write("both.py", bad);
    let run = |name: &str, code| project.run(["check", "--ignore", "FLC311", name]).ends(code);
    let good = run("both.py:Good", 0).without_stderr();
    assert_eq!(good.out, "no problem in 1 flow of 1 file\n");
    assert!(run("both.py:Bad", 1).out.contains("`gone`"));
    run("both.py", 1);
    run("two.py:Run", 0).says("no problem in 1 flow of 1 file\n");
    // What the file does not run can be looked at, but not compiled: no task would run it.
    project.run(["check", "two.py:Idle"]).says("nothing runs `Idle`");
    let graph = project.run(["graph", "--format", "json", "two.py:Idle"]).ends(1);
    assert!(graph.out.contains("\"name\": \"Idle\""), "{}", graph.out);
    assert!(!graph.out.contains("\"name\": \"Run\""), "{}", graph.out);
    let gone = run("two.py:Gone", 2).complains("`two.py` has no flow `Gone`; it has `Run`");
    assert_eq!(gone.out, "");
    run("nope.py:Gone", 2).complains("cannot read `nope.py`: ");
}

#[test]
fn what_cannot_be_written_is_named_as_it_was_given() {
    let project = project();
    let compile = |output: &str| {
        let words = ["compile", "two.py", "--draft", "--target", "argo", "-o"];
        project.run(words.into_iter().chain([output])).ends(2)
    };
    let nowhere = compile("gone/x.yaml");
    assert!(
        nowhere
            .err
            .contains("cannot write `gone/x.yaml`: there is no folder `gone`"),
        "{}",
        nowhere.err
    );
    compile("/dev/full").complains("cannot write `/dev/full`: No space left on device");
    compile("/proc/x.yaml").complains("cannot write `/proc/x.yaml`: ");
    for output in ["gone/x.yaml", "/proc/x.yaml", "two.py/x.yaml"] {
        let said = compile(output).err;
        assert!(!said.contains(".flowc-"), "{said}");
    }
}

const HALF: &str = "from metaflow import FlowSpec, step

class Base(FlowSpec):
    @step
    def start(self):
        self.next(self.body)

    @step
    def finish(self):
        self.next(self.end)

    @step
    def end(self):
        pass
";

const WHOLE: &str = "from metaflow import step

class Train(Base):
    @step
    def body(self):
        self.next(self.finish)

if __name__ == \"__main__\":
    Train()
";

/// A commit hook names the files that changed, and not the one that makes a whole flow of a base.
#[test]
fn a_base_that_a_neighbour_extends_need_not_be_whole() {
    let clean = |path: &str, neighbour: &str, import: &str| {
        let derived = format!("{import}{WHOLE}");
        let project = Project::new(&[(path, HALF), (neighbour, &derived)]);
        let ran = project.run(["check", path]).ends(0).without_stderr();
        assert_eq!(ran.out, "no problem in 1 flow of 1 file\n");
        project
    };
    let project = clean("base.py", "train.py", "from base import Base\n");
    let stdin = ["check", "--stdin-filename", "base.py", "-"];
    let unsaved = format!("# not saved yet\n{HALF}");
    project.run_with(stdin, &[], unsaved.as_bytes()).ends(0);
    // Who asks for this class wants to know.
    project.run(["check", "base.py:Base"]).ends(1);
    clean("flows/base.py", "flows/train.py", "from base import Base\n");
    clean(
        "base.py",
        "flows/train.py",
        "import sys\nfrom pathlib import Path\nsys.path.insert(0, str(Path(__file__).parent.parent))\nfrom base import Base\n",
    );
    let package = [
        ("team/__init__.py", ""),
        ("team/base.py", HALF),
        ("train.py", &format!("from team.base import Base\n{WHOLE}")),
    ];
    Project::new(&package).run(["check", "team/base.py"]).ends(0);
}

#[test]
fn a_base_that_no_neighbour_extends_must_be_whole() {
    let refused = |neighbour: &str, text: &str| {
        let project = Project::new(&[("flows/base.py", HALF), (neighbour, text)]);
        let ran = project.run(["check", "flows/base.py"]).ends(1);
        ran.says("FLC110").says("FLC311");
    };
    refused("flows/other.py", "x = 1\n");
    // A class of the same name.
    refused("flows/other.py", &format!("from third import Base\n{WHOLE}"));
    refused("flows/other.py", &format!("class Base: pass\n{WHOLE}"));
    // Not in its folder, and in no package of it.
    refused("train.py", &format!("from flows.base import Base\n{WHOLE}"));
    // What its file runs is no base.
    let run = format!("{HALF}\nif __name__ == '__main__':\n    Base()\n");
    let derived = format!("from base import Base\n{WHOLE}");
    let project = Project::new(&[("base.py", &run), ("train.py", &derived)]);
    project.run(["check", "base.py"]).ends(1).says("FLC110");
}
