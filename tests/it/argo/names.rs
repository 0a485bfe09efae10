//! Names, and flows that are too long for one DAG.

use super::*;

#[test]
fn a_long_flow_is_cut_into_parts_and_stays_small() {
    let steps = (0..400).map(|number| format!("s{number}: s{}\n", number + 1));
    let text = format!("start: s0\n{}s400: end\nend\n", steps.collect::<String>());
    let definition = compiled(&text);
    for part in ["part-1", "part-2", "part-3"] {
        assert!(definition.contains(&format!("- name: {part}\n")), "{part}");
    }
    assert!(!definition.contains("part-4"));
    let read: serde_json::Value = serde_saphyr::from_str(&definition).unwrap();
    for template in read["spec"]["templates"].as_array().unwrap() {
        let tasks = template["dag"]["tasks"].as_array().map_or(0, Vec::len);
        assert!(tasks <= 150, "{tasks} tasks");
    }
    assert!(
        definition.len() / 403 < 400,
        "{} bytes a step",
        definition.len() / 403
    );
}

/// Every word of a text that has another name, with it.
fn renamed(text: &str, names: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for character in text.chars().chain(['\n']) {
        if character.is_ascii_alphanumeric() || character == '_' {
            word.push(character);
            continue;
        }
        out.push_str(names.get(&word).unwrap_or(&word));
        word.clear();
        out.push(character);
    }
    out.pop();
    out
}

/// Ten new alphabets for each of the shapes with switches: the definition is the same but for the names.
#[test]
fn renaming_steps_changes_nothing_but_names() {
    let mut random = crate::random::Random::new(7);
    let mut shapes = 0;
    for path in shape_files() {
        let sketch = read_text(&path);
        if !sketch.contains('?') {
            continue;
        }
        shapes += 1;
        let ours = compiled(&sketch);
        for _ in 0..10 {
            let mut names = BTreeMap::new();
            let mut back = BTreeMap::new();
            for line in sketch.lines() {
                let name = line.split([':', '/', '@']).next().unwrap();
                if ["start", "end", ""].contains(&name) {
                    continue;
                }
                // A first letter from anywhere in the alphabet, and no word that the definition has already.
                let letter = char::from(b'a' + u8::try_from(random.below(26)).unwrap());
                let new = format!("{letter}q{}q{}", random.below(1000), names.len());
                back.insert(new.clone(), name.replace('_', "-"));
                names.insert(name.to_owned(), new);
            }
            let theirs = renamed(&compiled(&renamed(&sketch, &names)), &back);
            // A step's own name keeps its underscore, which names of tasks do not have; `n` stands in quotes.
            let plain = |text: &str| text.replace('_', "-").replace('"', "");
            assert!(plain(&ours) == plain(&theirs), "{}: {names:?}", path.display());
        }
    }
    assert!(shapes >= 10, "{shapes} shapes");
}

/// A decorator on one step: its leaf, and the one task that calls it.
#[test]
fn a_decorator_changes_what_belongs_to_its_step() {
    let flow = |first: &str| {
        let steps = [
            ("a", first),
            ("b", "@resources(cpu=2)"),
            ("c", ""),
            ("d", "@resources(cpu=2)"),
            ("e", "@retry"),
        ];
        let mut source = "from metaflow import *\nclass F(FlowSpec):\n    @step\n    def start(self):\n        self.next(self.a)\n".to_owned();
        for (place, (name, decorator)) in steps.iter().enumerate() {
            let next = steps.get(place + 1).map_or("end", |(next, _)| next);
            write!(
                source,
                "    {decorator}\n    @step\n    def {name}(self):\n        self.next(self.{next})\n"
            )
            .unwrap();
        }
        source + "    @step\n    def end(self):\n        pass\n"
    };
    let without = compiled_source(&flow(""), &deployment(), Format::Yaml);
    let with = compiled_source(&flow("@retry(times=2)"), &deployment(), Format::Yaml);
    let calls = |definition: &str| -> Vec<String> {
        let called = |line: &str| {
            line.strip_prefix("        template: step")
                .map(|rest| format!("calls{rest}"))
        };
        let is_there = |line: &str| {
            line.strip_prefix("  - name: step")
                .map(|rest| format!("is{rest}"))
        };
        definition
            .lines()
            .filter_map(|line| called(line).or_else(|| is_there(line)))
            .collect()
    };
    assert_eq!(
        calls(&without),
        [
            "calls", "calls", "calls-b", "calls", "calls-b", "calls-e", "calls", "is", "is-b", "is-e"
        ]
    );
    assert_eq!(
        calls(&with),
        [
            "calls", "calls-a", "calls-b", "calls", "calls-b", "calls-e", "calls", "is", "is-a", "is-b",
            "is-e"
        ]
    );
    let kept: Vec<&str> = without
        .lines()
        .filter(|line| !line.starts_with('#') && !with.contains(line))
        .collect();
    assert!(kept.is_empty(), "{kept:?}");
}
