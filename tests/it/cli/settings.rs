//! Settings: their layers, their files, what is wrong with them.

use super::*;

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
            "nmae = 1\n[argo]\nverison = 1\nversion = 3.5\n",
            "flowc.toml:1: unknown key `nmae`; did you mean `name`?\nflowc.toml:3: unknown key `argo.verison`; did you mean `argo.version`?\nflowc.toml:4: `argo.version` cannot be a float",
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
        (
            "[bases]\nMixin = \"mutator\"\n",
            "`bases.Mixin` must be `harmless`, not `mutator`",
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

/// `1.10` for a text is easily given as a number.
#[test]
fn a_number_that_is_spelt_anew_is_told() {
    let project = project();
    project
        .run(["check", "good.py", "-D", "TrainFlow.version=1.10"])
        .complains("warning: -D TrainFlow.version=1.10: read as the number 1.1; the text is `\"1.10\"`");
}

#[test]
fn settings_with_which_no_task_starts_are_refused() {
    let project = project();
    let zeros = "0".repeat(40);
    let elsewhere = |url: &str| format!("{url}@{zeros}");
    let wrong: [(&[&str], &str); 15] = [
        (
            &["--k8s-namespace", "A_b"],
            "k8s-namespace: `A_b` is no name of a namespace",
        ),
        (&["--k8s-namespace", "a.b"], "`a.b` is no name of a namespace"),
        (&["--k8s-namespace", &"a".repeat(64)], "is no name of a namespace"),
        (
            &["--workflow-priority", "2147483648"],
            "argo.workflow-priority: 2147483648 is no number of 32 bits",
        ),
        (
            &["--code", &elsewhere("https://example.com/job")],
            "tasks fetch `https://example.com/job` from the datastore, which is S3: the address begins with `s3://`",
        ),
        (&["--code", &elsewhere("gs://bucket/job")], "which is S3"),
        (
            &["--code", "image:/{{x}}"],
            "`/{{x}}` can be no folder of an image",
        ),
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

/// On Azure Metaflow's addresses have no scheme, and the script of a task expects none.
#[test]
fn a_package_on_azure_is_named_without_its_scheme() {
    let code = format!("azure://container/metaflow/F/data/00/{0}@{0}", "0".repeat(40));
    let root = ["--datastore-root", "azure://container/metaflow", "--image", "i"];
    let ran = project().run(compile("good.py", &[&root[..], &["--code", &code]].concat()));
    ran.ends(0).says("value: container/metaflow/F/data/00/");
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

#[test]
fn a_config_that_no_flow_has_is_refused() {
    let flow = GOOD
        .replace("import FlowSpec", "import Config, FlowSpec")
        .replace(
            "    @step\n    def start",
            "    cfg = Config(\"cfg\", default_value='{\"a\": 1}')\n\n    @step\n    def start",
        );
    let project = Project::new(&[("train.py", &flow), ("good.py", GOOD)]);
    let slip = ["--config-value", "cgf={\"a\": 2}"];
    let message = "--config-value: no Config is named `cgf`, only `cfg`; did you mean `cfg`?";
    let given = |words: &[&str]| project.run(words.iter().copied().chain(slip)).ends(2);
    for command in ["check", "graph", "run"] {
        let ran = given(&[command, "train.py"]).complains(message);
        assert_eq!(ran.out, "");
    }
    let mut compile = vec!["compile", "train.py", "--target", "argo"];
    compile.extend(DEPLOYMENT);
    assert_eq!(given(&compile).complains(message).out, "");
    given(&["check", "good.py", "train.py"]).complains(message);
    given(&["check", "good.py"]).complains("no Config is named `cgf`: the flow has none");
    project
        .run(["check", "train.py", "--config", "gone=x.json"])
        .ends(2)
        .complains("--config: no Config is named `gone`, only `cfg`\n");
    // One flow of several needs to have it; a settings file speaks to all flows of a project.
    project
        .run(["check", "good.py", "train.py", "--config-value", "cfg={}"])
        .ends(0);
    project.write("flowc.toml", "[config-values]\nother = '{}'\n");
    project.run(["check", "good.py"]).ends(0);
    // Where there may be others, nobody knows.
    project.write(
        "base.py",
        flow.replace("(FlowSpec)", "(Base)")
            .replace("import Config, FlowSpec", "import Config")
            .replace("\n\n\nclass", "\nfrom elsewhere import Base\n\n\nclass"),
    );
    let ran = project.run(["check", "base.py"].into_iter().chain(slip));
    assert!(!ran.err.contains("no Config is named"), "{}", ran.err);
}

#[test]
fn a_value_for_what_the_source_says_changes_nothing() {
    let flow = GOOD
        .replace("import FlowSpec, step", "import FlowSpec, kubernetes, step\nimport settings\nimport numpy\n\nIMAGE = \"real:1\"\nCPU = numpy.cpu")
        .replace(
            "    @step\n    def start",
            "    @kubernetes(image=IMAGE, cpu=CPU, memory=settings.MEMORY, disk=settings.DISK)\n    @step\n    def start",
        );
    let project = Project::new(&[
        ("train.py", &flow),
        ("settings.py", "import numpy\nMEMORY = 4096\nDISK = numpy.disk\n"),
        ("good.py", GOOD),
    ]);
    let opaque = ["-D", "CPU=3", "-D", "settings.DISK=1234"];
    let compiled = |more: &[&str]| {
        let words = ["compile", "train.py", "--target", "argo"];
        let words = words.into_iter().chain(DEPLOYMENT).chain(opaque);
        project.run(words.chain(more.iter().copied())).ends(0)
    };
    let plain = compiled(&[]);
    assert!(!plain.err.contains("FLC904"), "{}", plain.err);
    for text in ["real:1", "4096M", "1234M"] {
        assert!(plain.out.contains(text), "{text} in {}", plain.out);
    }
    for (define, what) in [
        (
            "IMAGE=foo",
            "`-D IMAGE` has no effect: the value is known from the source",
        ),
        (
            "settings.MEMORY=1",
            "`-D settings.MEMORY` has no effect: the value is known",
        ),
        (
            "nope=1",
            "a value is given for `nope`, but the program has nothing of this name",
        ),
        ("settings.IMAGEX=foo", "a value is given for `settings.IMAGEX`"),
    ] {
        let given = compiled(&["-D", define]).complains("FLC904").complains(what);
        assert_eq!(given.out, plain.out, "{define}");
        let checked = project.run(["check", "train.py", "-D", define]).ends(0);
        assert!(checked.out.contains(what), "{}", checked.out);
    }
    project
        .run(["run", "good.py", "--dry-run", "-D", "nope=1"])
        .complains("a value is given for `nope`");
    // One of several files has it.
    let both = [
        "check",
        "train.py",
        "good.py",
        "-D",
        "CPU=3",
        "-D",
        "settings.DISK=1",
    ];
    let ran = project.run(both).ends(0);
    assert!(!ran.out.contains("FLC904"), "{}", ran.out);
    let ran = project
        .run(["check", "train.py", "good.py", "-D", "nope=3"])
        .ends(0);
    assert_eq!(ran.out.matches("FLC904").count(), 1, "{}", ran.out);
    // The settings of a project speak to all its flows.
    project.write("flowc.toml", "[values]\nnope = 3\nCPU = 3\n");
    let one = project.run(["check", "good.py"]).ends(0);
    assert!(!one.out.contains("FLC904"), "{}", one.out);
    let all = project.run(["check"]).ends(0);
    assert!(all.out.contains("a value is given for `nope`"), "{}", all.out);
    assert!(!all.out.contains("`CPU`, but"), "{}", all.out);
}
