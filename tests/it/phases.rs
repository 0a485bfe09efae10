//! Values of one phase in a place of another: what is an error, at which column, and what is none.

use flowc::value::Value;

use crate::memory::Project;

/// A flow whose step `start` has this decorator, in line 12.
fn with_decorator(decorator: &str) -> Project {
    Project::new(&format!(
        "from metaflow import Config, FlowSpec, Parameter, config_expr, current, environment, resources, step\n\
         from elsewhere import other\n\
         self_cpu = 2\n\
         \n\
         \n\
         class TrainFlow(FlowSpec):\n    \
             alpha = Parameter(\"alpha\", default=1)\n    \
             config = Config(\"config\", default_value={{\"cpu\": 4, \"on\": False}})\n    \
             CPU = 3\n\
         \n\
         \n    \
             {decorator}\n    \
             @step\n    \
             def start(self):\n        \
                 self.next(self.end)\n\
         \n    \
             @step\n    \
             def end(self):\n        \
                 pass\n"
    ))
}

/// The place and code of each error, the column counted from the decorator's `@`.
fn errors(decorator: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for finding in with_decorator(decorator).findings() {
        let mut words = finding.split(' ');
        let (place, severity, code) = (
            words.next().unwrap(),
            words.next().unwrap(),
            words.next().unwrap(),
        );
        if severity != "error" {
            continue;
        }
        let (line, column) = place.split_once(':').unwrap();
        assert_eq!(line, "12", "{finding}");
        found.push((column.parse::<usize>().unwrap() - 4, code.to_owned()));
    }
    found
}

/// The column of the part between `«` and `»`, and the text without these marks.
fn marked(text: &str) -> (usize, String) {
    let column = text.chars().position(|c| c == '«').expect("a mark") + 1;
    (column, text.replace(['«', '»'], ""))
}

#[test]
fn values_of_run_time_are_errors_at_their_place() {
    for text in [
        "@resources(cpu=«self.x»)",
        "@resources(cpu=2 if «self.x» else 1)",
        "@resources(cpu=len([y for y in «self.y»]))",
        "@resources(cpu=max([y for y in «self.y»]))",
        "@resources(cpu=«self.config.cpu» + 1)",
        "@environment(vars={\"A\": «self.x»})",
        "@environment(vars={\"A\": f\"{«self.x»}\"})",
        "@environment(vars={\"A\": «current.run_id»})",
        "@resources(cpu=len(«inputs»))",
    ] {
        let (column, text) = marked(text);
        assert_eq!(errors(&text), [(column, "FLC201".to_owned())], "{text}");
    }
}

#[test]
fn parameters_are_no_values() {
    for text in [
        "@resources(cpu=«alpha»)",
        "@resources(cpu=2 if «alpha» else 1)",
        "@resources(cpu=«alpha» * 2)",
        "@resources(cpu=2 if «alpha» > 3 else 1)",
        "@environment(vars={\"A\": f\"{«alpha»}\"})",
        "@environment(vars={\"A\": «str(alpha)»})",
        "@environment(vars={\"A\": «alpha»})",
        "@resources(cpu=not «alpha»)",
        "@resources(cpu=«config.cpu» * 2)",
        "@resources(cpu=1 if «config.on» else 2)",
        "@environment(vars={\"A\": f\"{«config.cpu»}\"})",
    ] {
        let (column, text) = marked(text);
        assert_eq!(errors(&text), [(column, "FLC202".to_owned())], "{text}");
    }
}

#[test]
fn every_mistake_of_an_attribute_is_reported() {
    for (text, codes) in [
        ("@resources(cpu=«self.x» + «self.y»)", "FLC201 FLC201"),
        ("@resources(cpu=«alpha» + «self.y»)", "FLC202 FLC201"),
        ("@resources(cpu=«alpha» + alpha)", "FLC202"),
        ("@resources(cpu=max(«self.x», «missing»))", "FLC201 FLC203"),
        (
            "@environment(vars={\"A\": «self.x», \"B\": «current.run_id»})",
            "FLC201 FLC201",
        ),
        (
            "@environment(vars={\"A\": «alpha», \"B\": [«alpha»]})",
            "FLC202 FLC202",
        ),
        (
            "@environment(vars={\"A\": f\"{«self.x»}-{«alpha»}\"})",
            "FLC201 FLC202",
        ),
        // Only one of the two is evaluated.
        ("@resources(cpu=«self.x» if «self.z» else self.y)", "FLC201"),
    ] {
        let plain = text.replace(['«', '»'], "");
        let found = errors(&plain);
        let found: Vec<&str> = found.iter().map(|(_, code)| code.as_str()).collect();
        assert_eq!(found.join(" "), codes, "{text}");
    }
}

#[test]
fn what_only_looks_like_run_time_is_none() {
    for text in [
        "@environment(vars={\"A\": \"self.x\"})",
        "@resources(cpu=(lambda self: self)(2))",
        "@resources(cpu=other.self)",
        "@resources(cpu=self_cpu)",
        "@resources(cpu=CPU)",
        "@resources(cpu=2)  # self.x",
        "@resources(cpu=config.cpu)",
        "@resources(cpu=config[\"cpu\"])",
        "@resources(cpu=config_expr(\"config.cpu * 2\"))",
        "@environment(vars={\"A\": config.cpu, \"B\": [config.cpu]})",
    ] {
        assert_eq!(errors(text), [], "{text}");
    }
}

#[test]
fn a_function_is_no_value() {
    assert_eq!(
        errors("@resources(cpu=lambda self: self)"),
        [(16, "FLC219".to_owned())]
    );
}

#[test]
fn the_message_says_the_phase_and_the_ways_out() {
    let findings = with_decorator("@resources(cpu=2 if self.cpu_heavy else 1)").found("FLC201");
    let expected = "12:25 error FLC201 `self.cpu_heavy` exists only in a running task, but `cpu` of `@resources` \
                    is fixed when the flow is defined";
    assert_eq!(findings, [expected]);
}

#[test]
fn a_constant_used_three_times_is_one_message() {
    let project = Project::new(
        "from metaflow import FlowSpec, resources, step\nN = self.x\n\n\nclass F(FlowSpec):\n    \
         @resources(cpu=N, memory=N)\n    @step\n    def start(self):\n        self.next(self.end)\n\n    \
         @resources(cpu=N)\n    @step\n    def end(self):\n        pass\n",
    );
    assert_eq!(project.found("FLC20").len(), 1, "{:?}", project.findings());
}

#[test]
fn opaque_values_are_notes_and_may_be_given() {
    let text = "from metaflow import FlowSpec, Parameter, resources, step\nfrom elsewhere import count\n\n\n\
                class F(FlowSpec):\n    alpha = Parameter(\"alpha\", default=lambda context: 1)\n\n    \
                @resources(cpu=count())\n    @step\n    def start(self):\n        self.next(self.end)\n\n    \
                @step\n    def end(self):\n        pass\n";
    let project = Project::new(text);
    let places: Vec<String> = project
        .found("FLC901")
        .iter()
        .map(|line| line[..10].to_owned())
        .collect();
    assert_eq!(places, ["6:40 note ", "8:20 note "]);
    let given = Project::new(text)
        .define("F.alpha", Value::Int(5))
        .define("start.resources.cpu", Value::Int(2));
    assert_eq!(given.found("FLC9"), Vec::<String>::new());
    let flow = given.flow();
    assert_eq!(
        flow.parameters[0].default().unwrap().value(),
        Some(&Value::Int(5))
    );
    // The value is given, the type is that of the source.
    assert_eq!(flow.parameters[0].value_type, flowc::flow::ParameterType::Str);
    let cpu = flow.step("start").unwrap().decorators[0]
        .attribute("cpu")
        .unwrap();
    assert_eq!(cpu.value.value(), Some(&Value::Int(2)));
}
