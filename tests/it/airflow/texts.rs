//! Texts of users come to the task as they were written: through parameters (by default and given to the run),
//! through the environment and through tags, in a real run of a real task.

use std::fmt::Write as _;

use super::engine;
use crate::program::Project;

/// What Jinja, the shell, Kubernetes and Airflow's form read in their own way.
const TEXTS: &[&str] = &[
    "{{ 1 }}",
    "{% raw %}",
    "{% endraw %}",
    "{# no comment #}",
    "endraw %} {{ '{{' }}",
    "it's \"quoted\" 'twice'",
    "$(METAFLOW_USER) $(date)",
    "$$ $$(WORD) $$$",
    "${HOME} $HOME `id` $(id)",
    "a\rb\r\nc\r",
    "last\n",
    "\n",
    " blanks ",
    "\u{1f600} \u{2028} \u{feff} é 漢",
    "1.10",
    "1_000",
    "null",
    "true",
    "[1, 2]",
    "{\"a\": 1}",
    "\\ \\n \\\" \\u0041",
    "--help",
    "-x; rm -rf /; #",
    "!!",
    "\u{1}\u{7f}\u{1b}[0m",
];
const RANDOM: u64 = 200;

/// Texts from the characters that something on the way reads in its own way.
fn random(seed: u64) -> String {
    const LETTERS: &[char] = &[
        'a', '\'', '"', '$', '$', '(', ')', '`', '\\', '\n', '\r', ' ', '{', '{', '}', '}', '%', '#', ';',
        '&', '|', '!', '~', '*', 'é', '\t', '=', '-', '<', '\u{2028}', '😀', '\u{1}', 'A', '_', '/', '@',
        ',', ':',
    ];
    let mut state = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    let mut letter = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 40).unwrap()
    };
    let length = 1 + letter() % 14;
    (0..length).map(|_| LETTERS[letter() % LETTERS.len()]).collect()
}

fn texts() -> Vec<String> {
    let given = TEXTS.iter().map(|text| (*text).to_owned());
    given.chain((0..RANDOM).map(random)).collect()
}

/// A literal of Python in ASCII.
fn literal(text: &str) -> String {
    let escaped = text.chars().fold(String::new(), |mut out, character| {
        write!(out, "\\U{:08x}", u32::from(character)).unwrap();
        out
    });
    format!("\"{escaped}\"")
}

/// Tags may be 500 characters long and 50 in number: the written texts as they are, the others several to one.
fn tags(texts: &[String]) -> Vec<String> {
    let (given, random) = texts.split_at(TEXTS.len());
    let joined = random.chunks(20).map(|texts| texts.join("·"));
    given.iter().cloned().chain(joined).collect()
}

/// Every second parameter has its text by default, the others are given theirs.
fn flow(texts: &[String]) -> String {
    let mut parameters = String::new();
    let mut variables = String::new();
    for (number, text) in texts.iter().enumerate() {
        let default = if number % 2 == 0 {
            literal(text)
        } else {
            "\"unset\"".to_owned()
        };
        writeln!(
            parameters,
            "    p{number} = Parameter(\"p{number}\", default={default}, type=str)"
        )
        .unwrap();
        writeln!(variables, "        \"V{number}\": {},", literal(text)).unwrap();
    }
    let list = |texts: &[String]| {
        texts
            .iter()
            .map(|text| literal(text))
            .collect::<Vec<_>>()
            .join(", ")
    };
    format!(
        "import os\n\nfrom metaflow import FlowSpec, Parameter, current, environment, step\n\nTEXTS = [{}]\nTAGS = [{}]\n\n\n\
         class Texts(FlowSpec):\n{parameters}\n    @environment(vars={{\n{variables}    }})\n    @step\n    def start(self):\n\
         \x20       for number, text in enumerate(TEXTS):\n\
         \x20           for kind, found in [\n\
         \x20               (\"parameter\", getattr(self, f\"p{{number}}\")), (\"variable\", os.environ.get(f\"V{{number}}\"))\n\
         \x20           ]:\n\
         \x20               if found != text:\n\
         \x20                   print(\"CHANGED\", kind, number, ascii(text), \"is\", ascii(found))\n\
         \x20       for tag in TAGS:\n\
         \x20           if tag not in current.tags:\n\
         \x20               print(\"CHANGED tag\", ascii(tag))\n\
         \x20       print(\"SEEN\", len(TEXTS), len(TAGS))\n\
         \x20       self.next(self.end)\n\n    @step\n    def end(self):\n        pass\n\n\nif __name__ == \"__main__\":\n    Texts()\n",
        list(texts),
        list(&tags(texts)),
    )
}

/// Compiles it, with the code in the image: the project's folder.
fn compile(project: &Project, tags: &[String]) {
    let code = format!("image:{}", project.path("").display());
    let mut arguments = vec![
        "compile",
        "texts.py",
        "--target",
        "airflow",
        "--datastore-root",
        "s3://oracle-bucket/metaflow",
        "--code",
        &code,
        "--image",
        "python:3.11",
        "-o",
        "texts_dag.py",
    ];
    let tags: Vec<String> = tags.iter().map(|tag| format!("--tag={tag}")).collect();
    arguments.extend(tags.iter().map(String::as_str));
    project.run(arguments).ends(0);
}

#[test]
fn texts_come_to_the_task_as_they_were() {
    let texts = texts();
    let tags = tags(&texts);
    let project = Project::new(&[("texts.py", &flow(&texts))]);
    compile(&project, &tags);
    let Some(engine) = engine::find("texts through Airflow") else {
        return;
    };
    let given = texts.iter().enumerate().filter(|(number, _)| number % 2 == 1);
    let given: serde_json::Map<String, serde_json::Value> = given
        .map(|(number, text)| (format!("p{number}"), text.as_str().into()))
        .collect();
    let given = serde_json::Value::Object(given).to_string();
    for version in engine::VERSIONS {
        let (code, report) = engine.run(version, &project.path("texts_dag.py"), &["--conf", &given]);
        let pods = report["runs"][0]["pods"].as_array().unwrap();
        let printed: Vec<&str> = pods[0]["printed"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(serde_json::Value::as_str)
            .collect();
        let said = printed.join("\n");
        assert_eq!(code, 0, "{version}: {said}\n{:#}", report["runs"][0]["tasks"]);
        let seen = format!("SEEN {} {}", texts.len(), tags.len());
        assert!(printed.contains(&seen.as_str()), "{version}: {said}");
        assert!(!said.contains("CHANGED"), "{version}: {said}");
    }
}
