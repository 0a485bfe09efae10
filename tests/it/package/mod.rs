//! `flowc package` and `--code package`: what is in a package, that it is the same everywhere, and that a
//! definition names the one that is built.

use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime};

use flowc::settings::DatastoreKind;

mod included;
mod metaflow;
mod upload;

use crate::program::{Project, finish, flowc};

const FLOW: &str = "from metaflow import Config, FlowSpec, step

import helper


class TrainFlow(FlowSpec):
    cfg = Config(\"Settings\", default=\"settings.json\")
    note = Config(\"note\", default_value=\"as it is\", plain=True)

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == \"__main__\":
    TrainFlow()
";

const ROOT: [&str; 2] = ["--datastore-root", "s3://bucket/metaflow"];

fn project() -> Project {
    Project::new(&[
        ("train.py", FLOW),
        ("helper.py", "X = 1\n"),
        ("settings.json", "{\"rate\": 0.5, \"ä\": null}"),
        ("lib/__init__.py", ""),
        ("lib/model.R", "x <- 1\n"),
        ("lib/Old.Rds", "x"),
        ("lib/notes.md", "no code\n"),
        ("lib/__pycache__/model.py", "no source"),
        (".hidden/secret.py", "no"),
        (".hidden.py", "no"),
        ("scratch/try.py", "no"),
        (".gitignore", "scratch/\n*.tmp.py\n!keep.tmp.py\n"),
        ("a.tmp.py", "no"),
        ("keep.tmp.py", "yes"),
    ])
}

/// The members of a tarball: name → (mode, content).
pub fn members(tarball: &[u8]) -> BTreeMap<String, (u32, Vec<u8>)> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(tarball));
    let mut members = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_str().unwrap().to_owned();
        assert_eq!(entry.header().mtime().unwrap(), 1_575_360_000, "{name}");
        assert_eq!(entry.header().uid().unwrap(), 0, "{name}");
        let mode = entry.header().mode().unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        assert!(members.insert(name, (mode, bytes)).is_none());
    }
    members
}

fn names(project: &Project, options: &[&str]) -> Vec<String> {
    let command = ["package", "train.py", "--list"].into_iter();
    let ran = project.run(command.chain(options.iter().copied())).ends(0);
    let names = ran.out.lines().filter(|name| !name.starts_with(".mf_"));
    names.map(str::to_owned).collect()
}

#[test]
fn holds_what_metaflow_would_take_and_git_does_not_ignore() {
    let chosen = [
        "helper.py",
        "keep.tmp.py",
        "lib/Old.Rds",
        "lib/__init__.py",
        "lib/model.R",
        "train.py",
    ];
    assert_eq!(names(&project(), &[]), chosen);
}

#[test]
fn settings_choose_more_and_less() {
    let project = project();
    project.write(
        "flowc.toml",
        "[package]\nsuffixes = [\".MD,.toml\"]\ninclude = [\"/scratch/try.py\", \".hidden/*\"]\nexclude = [\"*.R\", \"keep*\"]\n",
    );
    let chosen = [
        ".hidden/secret.py",
        "flowc.toml",
        "helper.py",
        "lib/Old.Rds",
        "lib/__init__.py",
        "lib/notes.md",
        "scratch/try.py",
        "train.py",
    ];
    assert_eq!(names(&project, &[]), chosen);
    project.write("flowc.toml", "[package]\ngitignore = false\n");
    assert!(names(&project, &[]).contains(&"scratch/try.py".to_owned()));
    let with_json = names(&project, &["--package-suffixes", ".json"]);
    assert!(with_json.contains(&"settings.json".to_owned()));
}

#[test]
fn a_pattern_that_opens_a_class_closes_it() {
    let project = project();
    for (pattern, is_whole) in [
        ("[", false),
        ("a[]", false),
        ("[a-c]*", true),
        ("[]]", true),
        ("\\\\[x", true),
    ] {
        project.write("flowc.toml", format!("[package]\nexclude = [\"{pattern}\"]\n"));
        let ran = project.run(["package", "train.py"]);
        assert_eq!(ran.code == 0, is_whole, "{pattern}: {ran:?}");
        assert!(is_whole || ran.err.contains("that nothing closes"), "{ran:?}");
    }
}

#[test]
fn the_root_of_the_repository_says_what_is_ignored() {
    let project = Project::new(&[
        (".gitignore", "build/\n"),
        ("repository/.git/HEAD", "ref: refs/heads/main\n"),
        ("repository/.gitignore", "*_pb2.py\n"),
        ("repository/flows/.gitignore", "!b_pb2.py\n"),
        ("repository/flows/train.py", FLOW),
        ("repository/flows/settings.json", "{}"),
        ("repository/flows/helper.py", ""),
        ("repository/flows/a_pb2.py", ""),
        ("repository/flows/b_pb2.py", ""),
        ("repository/flows/build/c.py", ""),
    ]);
    let ran = project
        .run(["package", "repository/flows/train.py", "--list"])
        .ends(0);
    assert!(
        !ran.out.contains("a_pb2") && ran.out.contains("b_pb2"),
        "{}",
        ran.out
    );
    // What is outside of the repository is this machine's affair.
    ran.says("build/c.py\n");
}

#[test]
fn environments_and_definitions_of_flowc_stay_out() {
    let project = project();
    project.write("venv/pyvenv.cfg", "home = /usr/bin\n");
    project.write("venv/lib/thing.py", "no");
    let before = names(&project, &[]);
    assert!(!before.iter().any(|name| name.contains("venv")));
    let image = ["--code", "package", "--image", "python:3.12"];
    for (target, output) in [("airflow", "dag.py"), ("argo", "out.yaml")] {
        let command = ["compile", "train.py", "--target", target, "-o", output];
        project.run(command.into_iter().chain(image).chain(ROOT)).ends(0);
    }
    let suffixes = ["--package-suffixes", ".yaml"];
    assert_eq!(names(&project, &suffixes), before);
    // Neither does what lies beside a definition.
    let suffixes = ["--package-suffixes", ".yaml,.json"];
    let before = names(&project, &suffixes);
    let both = [
        "compile",
        "train.py",
        "--target",
        "argo",
        "-o",
        "./",
        "--kustomization",
    ];
    let report = ["--report", "json:report.json"];
    let command = both.into_iter().chain(report).chain(image).chain(ROOT);
    project.run(command.chain(suffixes)).ends(0);
    assert!(project.path("kustomization.yaml").is_file() && project.path("report.json").is_file());
    assert_eq!(names(&project, &suffixes), before);
    // A tarball in the making does not hold the last one.
    let command = ["package", "train.py", "-o", "package.py"];
    let first = project.run(command).ends(0).out;
    assert_eq!(project.run(command).ends(0).out, first);
}

#[test]
fn links_are_followed_and_never_in_a_circle() {
    let project = project();
    project.write("elsewhere/shared/tool.py", "SHARED = 1\n");
    project.write("flows/train.py", FLOW);
    project.write("flows/settings.json", "{}");
    project.write("flows/helper.py", "");
    symlink("../elsewhere/shared", project.path("flows/shared")).unwrap();
    symlink("../helper.py", project.path("flows/linked.py")).unwrap();
    symlink(".", project.path("flows/me")).unwrap();
    let ran = project.run(["package", "flows/train.py", "--list"]).ends(0);
    // Metaflow goes into a circle once.
    let chosen = [
        "helper.py",
        "linked.py",
        "me/helper.py",
        "me/linked.py",
        "me/shared/tool.py",
        "me/train.py",
        "shared/tool.py",
        "train.py",
    ];
    let found: Vec<&str> = ran.out.lines().filter(|name| !name.starts_with(".mf_")).collect();
    assert_eq!(found, chosen);
}

#[test]
fn sources_of_other_folders_are_taken_in() {
    let flow = FLOW.replace("Config, FlowSpec", "Config, FlowSpec, package_sources").replace(
        "class TrainFlow",
        "@package_sources([(\"../shared\", \"common/code\"), \"../data\"], suffixes=\".py,sql\")\n@package_sources(\"../one.py\", arcname=\"two.py\")\nclass TrainFlow",
    );
    let project = Project::new(&[
        ("flows/train.py", &flow),
        ("flows/settings.json", "{}"),
        ("flows/helper.py", ""),
        ("shared/tool.py", ""),
        ("shared/.hidden/tool.py", ""),
        ("shared/tool.R", ""),
        ("data/select.sql", ""),
        ("one.py", ""),
    ]);
    let ran = project.run(["package", "flows/train.py", "--list"]).ends(0);
    let found: Vec<&str> = ran.out.lines().filter(|name| !name.starts_with(".mf_")).collect();
    let chosen = [
        "common/code/tool.py",
        "data/select.sql",
        "helper.py",
        "train.py",
        "two.py",
    ];
    assert_eq!(found, chosen);
    project.write("flows/two.py", "another");
    project
        .run(["package", "flows/train.py"])
        .ends(2)
        .complains("two files would be `two.py` in the package");
    std::fs::remove_dir_all(project.path("shared")).unwrap();
    project
        .run(["package", "flows/train.py"])
        .ends(2)
        .complains("`@package_sources` of `TrainFlow`: `../shared`: cannot read it");
}

#[test]
fn the_same_bytes_on_every_machine() {
    let here = project();
    let there = Project::new(&[]);
    // In another order, at another time, with other permissions.
    for name in [
        "lib/model.R",
        "keep.tmp.py",
        "helper.py",
        "lib/__init__.py",
        "lib/Old.Rds",
        "settings.json",
        ".gitignore",
        "train.py",
    ] {
        there.write(
            &format!("other é/{name}"),
            std::fs::read(here.path(name)).unwrap(),
        );
        let path = there.path(&format!("other é/{name}"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let file = std::fs::File::open(&path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_hours(24))
            .unwrap();
    }
    let first = here.run(["package", "train.py", "-o", "out.tar.gz"]).ends(0).out;
    // A dash is stdout; what would stand there goes beside it.
    let mut dashed = flowc(&here.path("."));
    let dashed = dashed.args(["package", "train.py", "-o", "-"]).output().unwrap();
    assert_eq!(dashed.stdout, std::fs::read(here.path("out.tar.gz")).unwrap());
    assert_eq!(String::from_utf8(dashed.stderr).unwrap(), first);
    assert!(!here.path("-").exists());
    let mut elsewhere = flowc(Path::new("/"));
    elsewhere
        .args(["package", "-o"])
        .arg(there.path("out.tar.gz"))
        .arg(there.path("other é/train.py"))
        .envs([
            ("HOME", "/nonexistent"),
            ("USER", "mallory"),
            ("LC_ALL", "C"),
            ("TZ", "Pacific/Kiritimati"),
            ("RAYON_NUM_THREADS", "1"),
            ("METAFLOW_USER", "mallory"),
        ]);
    let second = finish(elsewhere, b"").ends(0).out;
    let bytes = std::fs::read(here.path("out.tar.gz")).unwrap();
    assert_eq!(bytes, std::fs::read(there.path("out.tar.gz")).unwrap());
    assert_eq!(first, second);
    assert_eq!(first.trim(), sha1(&bytes));
}

fn sha1(bytes: &[u8]) -> String {
    use sha1::{Digest, Sha1};
    Sha1::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn a_definition_names_the_package_of_its_sources() {
    let project = project();
    let place = project
        .run(["package", "train.py"].into_iter().chain(ROOT))
        .ends(0)
        .out;
    let digest = place.trim().rsplit('/').next().unwrap().to_owned();
    assert_eq!(
        place.trim(),
        format!("s3://bucket/metaflow/TrainFlow/data/{}/{digest}", &digest[..2])
    );
    let compile = |project: &Project, target: &str| {
        let command = [
            "compile", "train.py", "--target", target, "--code", "package", "--image", "i",
        ];
        let more = [
            "--job-queue",
            "q",
            "--job-role",
            "arn:aws:iam::123456789012:role/job",
        ];
        project
            .run(command.into_iter().chain(ROOT).chain(more))
            .ends(0)
            .out
    };
    for target in ["argo", "airflow", "step-functions"] {
        let definition = compile(&project, target);
        assert!(definition.contains(place.trim()), "{target}");
        assert!(definition.matches(&digest).count() >= 2, "{target}");
        assert!(definition.contains("sha1sum -c"), "{target}");
    }
    project.write("helper.py", "X = 2\n");
    assert!(!compile(&project, "argo").contains(&digest));
    let stdin = [
        "compile",
        "-",
        "--target",
        "argo",
        "--code",
        "package",
        "--image",
        "i",
        "--stdin-filename",
        "train.py",
    ];
    let arguments = stdin.into_iter().chain(ROOT);
    project
        .run_with(arguments, &[], FLOW.as_bytes())
        .ends(2)
        .complains("give the flow's file instead of stdin");
}

#[test]
fn notes_of_metaflow_hold_the_configs() {
    let project = project();
    project
        .run([
            "package",
            "train.py",
            "-o",
            "out.tar.gz",
            "--metaflow-version",
            "2.19.39",
        ])
        .ends(0);
    let members = members(&std::fs::read(project.path("out.tar.gz")).unwrap());
    let text = |name: &str| String::from_utf8(members[name].1.clone()).unwrap();
    assert_eq!(
        text(".mf_meta/CONFIG"),
        "{\"user_configs\": {\"Settings\": [{\"rate\": 0.5, \"ä\": null}, false], \"note\": [\"as it is\", true]}}"
    );
    assert_eq!(text(".mf_install"), "{\"version\": 1, \"module_files\": []}");
    assert_eq!(text(".mf_meta/DIST_INFO"), "{}");
    let info: serde_json::Value = serde_json::from_str(&text(".mf_meta/INFO")).unwrap();
    assert_eq!(info["script"], "train.py");
    assert_eq!(info["metaflow_version"], "2.19.39");
    assert_eq!(info["ext_info"], serde_json::json!([{}, {}]));
}

#[test]
fn scripts_stay_executable() {
    let project = project();
    let path = project.path("helper.py");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).unwrap();
    project.run(["package", "train.py", "-o", "out.tar.gz"]).ends(0);
    let members = members(&std::fs::read(project.path("out.tar.gz")).unwrap());
    assert_eq!((members["helper.py"].0, members["train.py"].0), (0o755, 0o644));
}

#[test]
fn metaflow_is_taken_from_an_environment() {
    let project = project();
    let site = "env/lib/python3.12/site-packages";
    for (name, text) in [
        ("metaflow/__init__.py", ""),
        ("metaflow/version.py", "metaflow_version = \"2.19.99\"\n"),
        ("metaflow/plugins/cards/card.js", "x"),
        ("metaflow/plugins/.hidden/a.py", ""),
        ("metaflow/plugins/__pycache__/b.py", ""),
        ("metaflow/py.typed", ""),
        ("requests/__init__.py", ""),
    ] {
        project.write(&format!("{site}/{name}"), text);
    }
    project.write("env/bin/python", "");
    project.write("env/pyvenv.cfg", "");
    let wanted = [
        ".mf_code/metaflow/__init__.py",
        ".mf_code/metaflow/plugins/.hidden/a.py",
        ".mf_code/metaflow/plugins/cards/card.js",
        ".mf_code/metaflow/version.py",
    ];
    let mut digests = Vec::new();
    for from in ["env", "env/bin/python", site] {
        let ran = project
            .run(["package", "train.py", "--list", "--metaflow-from", from])
            .ends(0);
        let found: Vec<&str> = ran
            .out
            .lines()
            .filter(|name| name.starts_with(".mf_code"))
            .collect();
        assert_eq!(found, wanted, "{from}");
        digests.push(
            project
                .run(["package", "train.py", "--metaflow-from", from])
                .ends(0)
                .out,
        );
    }
    digests.dedup();
    assert_eq!(digests.len(), 1);
    let complaint = |from: &str| {
        project
            .run(["package", "train.py", "--metaflow-from", from])
            .ends(2)
    };
    complaint("nowhere").complains("metaflow-from: there is no `nowhere`");
    complaint("lib").complains("no Metaflow is installed in `lib`");
    project.write(&format!("{site}/metaflow_extensions/x/__init__.py"), "");
    complaint("env").complains("has extensions of Metaflow");
}

#[test]
fn a_package_with_metaflow_holds_the_configs_and_another_does_not() {
    let project = project();
    project.write("mf/metaflow/__init__.py", "");
    let compile = |more: [&str; 2]| {
        let command = [
            "compile", "train.py", "--target", "argo", "--code", "package", "--image", "i",
        ];
        project
            .run(command.into_iter().chain(ROOT).chain(more))
            .ends(0)
            .out
    };
    let packed = compile(["--metaflow-from", "mf"]);
    assert!(packed.contains("kv.Settings") && !packed.contains("metaflow=="));
    let installed = compile(["--metaflow-version", "2.19.39"]);
    assert!(!installed.contains("kv.Settings") && installed.contains("requests metaflow==2.19.39\n"));
    let complaint = [
        "compile",
        "train.py",
        "--target",
        "argo",
        "--metaflow-version",
        "2; id",
    ];
    project.run(complaint).ends(2).complains("`2; id` is no version");
}

#[test]
fn what_cannot_be_packed_is_named() {
    let project = project();
    symlink("nowhere.py", project.path("broken.py")).unwrap();
    let complaint = "cannot read `broken.py` for the code package: No such file";
    project
        .run(["package", "train.py", "-o", "out"])
        .ends(2)
        .complains(complaint);
    assert!(!project.path("out").exists());
    std::fs::remove_file(project.path("broken.py")).unwrap();
    project.write("flowc.toml", "[package]\ninclude = [\"[z-a]\"]\n");
    project
        .run(["package", "train.py"])
        .ends(2)
        .complains("package.include: `[z-a]`");
    project.write("flowc.toml", "");
    std::fs::remove_file(project.path("settings.json")).unwrap();
    project.run(["package", "train.py"]).ends(1);
}

/// The kinds are those of which a root can be given.
#[test]
fn every_datastore_has_its_location() {
    let project = project();
    for (kind, root, place) in [
        (DatastoreKind::S3, "s3://b/mf/", "s3://b/mf/TrainFlow/data/"),
        (DatastoreKind::Gs, "gs://b", "gs://b/TrainFlow/data/"),
        (DatastoreKind::Azure, "azure://c/mf", "c/mf/TrainFlow/data/"),
    ] {
        let ran = project
            .run(["package", "train.py", "--datastore-root", root])
            .ends(0);
        assert!(ran.out.starts_with(place), "{kind:?} {}", ran.out);
    }
}
