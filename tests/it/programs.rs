//! Small programs of constants, loops and containers, and what Python 3.11.7 makes of each name (its `repr`),
//! recorded once in `fixtures/python/programs.jsonl`: whatever flowc claims to know must be that.

use serde_json::Value as Json;

use crate::memory::Project;

/// Of so many names the value is known at least; the rest cannot be told.
const CLAIMED: usize = 380;

/// What `os.environ` held.
const ENVIRONMENT: [(&str, &str); 5] = [
    ("HOME_DIR", "/data/x"),
    ("COUNT", "12"),
    ("EMPTY", ""),
    ("NAME", "Täst val"),
    ("JSON", r#"{"a": [1, 2.5, null], "b": {"c": "d"}}"#),
];

/// The program with a flow behind it whose parameters hold the names' `repr`s.
fn flow(program: &Json) -> Project {
    let mut text = program["source"].as_str().unwrap().to_owned();
    text += "\n\nfrom metaflow import FlowSpec, Parameter, step\n\n\nclass DemoFlow(FlowSpec):\n";
    for name in program["values"].as_object().unwrap().keys() {
        text += &format!("    p_{name} = Parameter(\"p_{name}\", default=repr({name}))\n");
    }
    text += "\n    @step\n    def start(self):\n        self.next(self.end)\n\n    @step\n    def end(self):\n        pass\n";
    let mut project = Project::new(&text);
    let given = ENVIRONMENT.iter();
    project.environment = given
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    project
}

#[test]
fn what_is_known_of_a_program_is_what_python_makes_of_it() {
    let recorded = include_str!("../../fixtures/python/programs.jsonl");
    let (mut claimed, mut wrong) = (0, Vec::new());
    for line in recorded.lines() {
        let program: Json = serde_json::from_str(line).unwrap();
        let project = flow(&program);
        let (_, reading) = flowc::python::with_deep_stack(|| project.read());
        let seed = &program["seed"];
        for found in reading.diagnostics.iter().filter(|found| found.is_error()) {
            wrong.push(format!("{seed}: {}", found.message));
        }
        for parameter in reading.flows.iter().flat_map(|flow| &flow.parameters) {
            let default = parameter.attributes.iter().find(|used| used.name == "default");
            let Some(value) = default.and_then(|used| used.value.value()) else {
                continue;
            };
            claimed += 1;
            let wanted = &program["values"][&parameter.name[2..]];
            if value.as_str() != wanted.as_str() {
                wrong.push(format!(
                    "{seed}: {} is {wanted}, not {}",
                    parameter.name,
                    value.to_repr()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(claimed >= CLAIMED, "only {claimed} values are known");
}
