//! Step Functions: what AWS or the tasks would refuse is said before anything is written.

use serde_json::Value as Json;

use super::recorded::DEPLOYMENT;
use crate::program::{Project, Ran};

const ROLE: &str = "METAFLOW_ECS_FARGATE_EXECUTION_ROLE=arn:aws:iam::123456789012:role/start";

/// Of two steps, with decorators on the class and on each.
fn flow(class: &str, start: &str, end: &str) -> String {
    format!(
        "from metaflow import *\n\n\n{class}\nclass F(FlowSpec):\n    {start}\n    @step\n    def start(self):\n        self.next(self.end)\n\n    {end}\n    @step\n    def end(self):\n        pass\n\n\nif __name__ == \"__main__\":\n    F()\n"
    )
}

fn compile(text: &str, options: &[&str]) -> Ran {
    let project = Project::new(&[("flow.py", text)]);
    project.run([DEPLOYMENT, &["--code", "image:/app", "flow.py"], options].concat())
}

fn bundle(text: &str, options: &[&str]) -> Ran {
    bundle_at("s3://bucket/metaflow", text, options)
}

fn bundle_at(root: &str, text: &str, options: &[&str]) -> Ran {
    let project = Project::new(&[("flow.py", text)]);
    let words = [
        "compile",
        "--isolated",
        "--target",
        "step-functions",
        "--datastore-root",
        root,
        "--image",
        "python:3.11",
        "--user",
        "u",
        "--code",
        "image:/app",
        "--bundle",
        "cloudformation",
        "flow.py",
    ];
    project.run([&words, options].concat())
}

/// Metaflow looks at the decorators of all steps in every task.
#[test]
fn no_step_is_put_on_two_machines() {
    let text = flow("", "", "@kubernetes(memory=8192)");
    let ran = compile(&text, &[]).ends(0);
    assert!(
        ran.err.contains("note[FLC402]: `@kubernetes` has no effect"),
        "{}",
        ran.err
    );
    assert!(!ran.out.contains("--with=batch"), "{}", ran.out);
    let ran = compile(&flow("", "", ""), &["--with", "kubernetes"]).ends(0);
    assert!(!ran.out.contains("--with=batch"), "{}", ran.out);
    assert!(ran.out.contains("--with=kubernetes"), "{}", ran.out);
    let ran = compile(&flow("", "", ""), &[]).ends(0);
    assert_eq!(ran.out.matches("--with=batch").count(), 2);
}

#[test]
fn what_the_bundle_makes_itself_is_told() {
    let text = flow("", "", "");
    let role = "arn:aws:iam::123456789012:role/jobs";
    let given = [
        "--with-iam",
        "--job-role",
        role,
        "--with-table",
        "--table",
        "table",
    ];
    bundle(&text, &given)
        .ends(0)
        .complains("note[FLC402]: `table` has no effect")
        .complains("note[FLC402]: `job-role` has no effect");
    bundle(&text, &["--job-role", role, "--region", "eu-central-1"])
        .ends(0)
        .complains("note[FLC402]: `region` has no effect: the jobs of a bundle have the region of its stack");
    let ran = bundle(
        &text,
        &["--job-role", role, "--table", "table", "--job-queue", "q"],
    )
    .ends(0);
    assert_eq!(ran.err, "");
}

#[test]
fn fargate_needs_a_role_to_start_containers() {
    let text = flow("", "", "");
    let wanted =
        "metaflow.METAFLOW_ECS_FARGATE_EXECUTION_ROLE: the IAM role with which Fargate starts containers";
    compile(&text, &["--queue", "other=fargate"]).ends(0);
    let ran = compile(&text, &["--queue", "oracle-queue=fargate"])
        .ends(2)
        .complains(wanted);
    assert_eq!(ran.out, "");
    compile(&text, &["--queue", "oracle-queue=fargate", "--set", ROLE]).ends(0);
    let draft = compile(&text, &["--queue", "oracle-queue=fargate", "--draft"]).ends(0);
    assert!(
        draft.err.contains("METAFLOW_ECS_FARGATE_EXECUTION_ROLE"),
        "{}",
        draft.err
    );
    // A step that shows where the queue is, and one that is on another.
    let shown = flow("", "@batch(ephemeral_storage=30)", "");
    compile(&shown, &[]).ends(2).complains(wanted);
    let one = flow(
        "",
        "@batch(queue='big', execution_role='arn:aws:iam::123456789012:role/x')",
        "",
    );
    compile(&one, &["--queue", "big=fargate"]).ends(0);
    let given = ["--with", "batch:queue=big", "--queue", "big=fargate"];
    compile(&text, &given).ends(2).complains(wanted);
}

#[test]
fn a_machine_alone_carries_no_schedule() {
    let ran = compile(&flow("@schedule(daily=True)", "", ""), &[]).ends(0);
    let said =
        "warning[FLC402]: `@schedule` has no effect: a state machine that stands alone carries no schedule";
    assert!(ran.err.contains(said), "{}", ran.err);
    let ran = bundle(&flow("@schedule(daily=True)", "", ""), &[]).ends(0);
    assert!(!ran.err.contains("FLC402"), "{}", ran.err);
    let ran = compile(&flow("@schedule(daily=False)", "", ""), &[]).ends(0);
    assert!(!ran.err.contains("carries no schedule"), "{}", ran.err);
}

#[test]
fn what_fargate_ignores_is_noted() {
    let text = flow("", "@batch(shared_memory=64, swappiness=10, max_swap=100)", "");
    let ran = compile(&text, &["--queue", "oracle-queue=fargate", "--set", ROLE]).ends(0);
    for name in ["shared_memory", "swappiness", "max_swap"] {
        let said = format!("note[FLC402]: `{name}` of `start` has no effect: its queue is on Fargate");
        assert!(ran.err.contains(&said), "{}", ran.err);
    }
}

#[test]
fn tags_are_held_against_awss_rules() {
    let text = flow("", "", "");
    let setting = |tags: &str| format!("METAFLOW_BATCH_DEFAULT_TAGS={tags}");
    let wrong = [
        (r#"{"k.$": "v"}"#, "the tag `k.$=v` holds `$`"),
        ("{\"k\": \"a\\nb\"}", "holds `\\n`"),
        ("team=ml", "`team=ml` is not a JSON object of texts"),
        (r#"{"k": 1}"#, "is not a JSON object of texts"),
    ];
    for (tags, problem) in wrong {
        compile(&text, &["--set", &setting(tags)])
            .ends(2)
            .complains(problem);
    }
    let ran = compile(&text, &["--set", &setting(r#"{"größe": "XL"}"#)]).ends(0);
    assert!(ran.out.contains(r#""Tags":{"größe":"XL"}"#), "{}", ran.out);
    let of_step = |tag: &str| flow("", &format!("@batch(aws_batch_tags={{{tag}}})"), "");
    for tag in [r#""team.$": "ml""#, r#""team": "a\nb""#] {
        let ran = compile(&of_step(tag), &[]).ends(1);
        assert!(ran.err.contains("error[FLC230]: the tag `'team"), "{}", ran.err);
    }
    let many: Vec<String> = (0..51).map(|index| format!(r#""k{index}": "v""#)).collect();
    let ran = compile(&of_step(&many.join(", ")), &[]).ends(1);
    assert!(
        ran.err.contains("the job of `start` has 51 tags, AWS accepts 50"),
        "{}",
        ran.err
    );
}

#[test]
fn a_machines_name_is_held_wherever_it_comes_from() {
    let text = flow("", "", "");
    let prefix = "METAFLOW_SFN_STATE_MACHINE_PREFIX=../../evil/x";
    let ran = compile(&text, &["--set", prefix, "-o", "out/"]).ends(1);
    assert!(
        ran.err.contains("error[FLC507]: `../../evil/x_F` is no name"),
        "{}",
        ran.err
    );
    let foreign = text
        .replace("class F(", "class Größe(")
        .replace("    F()", "    Größe()");
    let ran = bundle(&foreign, &[]).ends(1);
    assert!(
        ran.err.contains("error[FLC507]: `Größe` is no name"),
        "{}",
        ran.err
    );
    bundle(&foreign, &["--name", "groesse"]).ends(0);
    let ran = compile(&foreign, &[]).ends(0);
    let machine: Json = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        machine["States"]["start"]["Parameters"]["JobName"],
        "SFN-Gr--e--start--"
    );
}

#[test]
fn settings_of_metaflows_are_held_against_their_forms() {
    let text = flow("", "", "");
    let wrong = [
        (
            "METAFLOW_SFN_IAM_ROLE=arn::",
            "METAFLOW_SFN_IAM_ROLE: `arn::` is not the ARN of a role",
        ),
        (
            "METAFLOW_SFN_IAM_ROLE=arn:aws-cn:iam::123456789012:role/machine",
            "is of another partition than the region `us-east-1`",
        ),
        (
            "METAFLOW_ECS_FARGATE_EXECUTION_ROLE=start",
            "`start` is not the ARN of a role",
        ),
        (
            "METAFLOW_SFN_EXECUTION_LOG_GROUP_ARN=arn:aws:logs:eu-central-1:123456789012:log-group:/a",
            "is not the ARN of a log group",
        ),
    ];
    for (setting, problem) in wrong {
        compile(&text, &["--set", setting]).ends(2).complains(problem);
    }
    bundle_at("s3://My_Bucket/x", &text, &[])
        .ends(2)
        .complains("datastore-root: `My_Bucket` is no bucket");
}

#[test]
fn a_template_leaves_texts_alone() {
    let text = flow("", r#"@environment(vars={"PLACE": "a ${AWS::Region} b"})"#, "");
    let ran = bundle(&text, &["--format", "json", "--tag", "${AWS::Region}"]).ends(0);
    assert!(
        ran.out
            .contains(r#"{"Name":"PLACE","Value":{"Fn::Join":["",["a $","{AWS::Region} b"]]}}"#),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("'--tag=$''{AWS::Region}'"), "{}", ran.out);
    let ran = bundle(&text.replace("${AWS::Region}", "{{resolve:ssm:/x}}"), &[]).ends(1);
    assert!(ran.err.contains("error[FLC531]"), "{}", ran.err);
    assert!(ran.err.contains("(in `PLACE` of `start`)"), "{}", ran.err);
}

/// What executions under way use is left where a new template no longer has it.
#[test]
fn job_definitions_outlive_the_template() {
    let ran = bundle(&flow("", "", ""), &["--format", "json"]).ends(0);
    let template: Json = serde_json::from_str(&ran.out).unwrap();
    let definition = &template["Resources"]["JobDefinition1"];
    assert_eq!(definition["DeletionPolicy"], "Retain");
    assert_eq!(definition["UpdateReplacePolicy"], "Retain");
    assert_eq!(
        template["Resources"]["StateMachine"]["DeletionPolicy"],
        Json::Null
    );
}

#[test]
fn a_job_has_a_size() {
    for decorator in [
        "@resources(cpu=0)",
        "@resources(memory=0)",
        "@batch\n    @resources(cpu=0)",
    ] {
        let ran = compile(&flow("", decorator, ""), &[]).ends(1);
        assert!(ran.err.contains("error[FLC232]"), "{decorator}: {}", ran.err);
    }
    compile(&flow("", "@batch(cpu=2)\n    @resources(cpu=0)", ""), &[]).ends(0);
}

#[test]
fn job_definitions_that_are_not_written_are_told() {
    let text = flow("", "@batch(privileged=True)", "");
    let note = "the machine names 2 job definitions that a folder would hold too";
    let ran = compile(&text, &[]).ends(0);
    assert!(ran.err.contains(note), "{}", ran.err);
    let ran = compile(&text, &["-o", "machine.json"]).ends(0);
    assert!(ran.err.contains(note), "{}", ran.err);
    let ran = compile(&text, &["-o", "out/"]).ends(0);
    assert!(!ran.err.contains("job definition"), "{}", ran.err);
    let ran = bundle(&text, &[]).ends(0);
    assert!(!ran.err.contains("job definition"), "{}", ran.err);
}

#[test]
fn schedules_are_spelt_as_aws_reads_them() {
    let schedule = |arguments: &str| {
        let text = flow(&format!("@schedule({arguments})"), "", "");
        let ran = bundle(&text, &["--format", "json"]).ends(0);
        let template: Json = serde_json::from_str(&ran.out).unwrap();
        template["Resources"]["Schedule"]["Properties"].clone()
    };
    let listed = schedule("cron='0 10 * * 1-5/2', timezone=''");
    assert_eq!(listed["ScheduleExpression"], "cron(0 10 ? * 2,4,6 *)");
    assert_eq!(listed["ScheduleExpressionTimezone"], Json::Null);
    let ran = bundle(
        &flow("@schedule(daily=True, timezone='Europe/Berln')", "", ""),
        &[],
    )
    .ends(1);
    assert!(ran.err.contains("error[FLC245]"), "{}", ran.err);
}

#[test]
fn the_roles_have_what_the_flow_visibly_needs() {
    let start = r#"@secrets(sources=["aws-secrets-manager.db", "other", {"type": "aws-secrets-manager", "id": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-AbCdEf"}, {"type": "az-key-vault", "id": "no"}])"#;
    let end = r#"@secrets(sources=[{"type": "aws-secrets-manager", "id": "far", "role": "arn:aws:iam::123456789012:role/far"}, {"type": "aws-secrets-manager", "id": "near", "options": {"region": "us-west-2"}}])"#;
    let text = flow("", start, end);
    let sha = "0123456789012345678901234567890123456789";
    let package = format!("s3://packages/a/{sha}@{sha}");
    let options = [
        "--format",
        "json",
        "--with-iam",
        "--set",
        "METAFLOW_CARD_S3ROOT=s3://cards/x",
        "--set",
        "METAFLOW_DATATOOLS_S3ROOT=s3://bucket/metaflow/data",
    ];
    let project = Project::new(&[("flow.py", &text)]);
    let common = "compile --isolated --target step-functions --datastore-root s3://bucket/metaflow --image i --user u --bundle cloudformation flow.py --code";
    let words: Vec<&str> = common
        .split(' ')
        .chain([package.as_str()])
        .chain(options)
        .collect();
    let ran = project.run(words).ends(0);
    let template: Json = serde_json::from_str(&ran.out).unwrap();
    let role = &template["Resources"]["BatchJobRole"]["Properties"]["Policies"][0]["PolicyDocument"];
    let statements: Vec<String> = role["Statement"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {}", one["Action"], one["Resource"]))
        .collect();
    insta::assert_snapshot!("rights_of_jobs", statements.join("\n"));
}

#[test]
fn packages_of_environments_may_be_read() {
    let package = format!("s3://bucket/code@{}", "0".repeat(40));
    let template = |class: &str| {
        let project = Project::new(&[("flow.py", &flow(class, "", ""))]);
        let common = "compile --isolated --target step-functions --datastore-root s3://bucket/metaflow --image i --user u --bundle cloudformation --with-iam --set METAFLOW_CONDA_PACKAGE_S3ROOT=s3://conda/x flow.py --code";
        let words: Vec<&str> = common.split(' ').chain([package.as_str()]).collect();
        project.run(words).ends(0).out
    };
    let solved = template("@conda_base(python='3.11.4', packages={'x': '1'})");
    assert!(solved.contains("s3:::conda/x/*"), "{solved}");
    let plain = template("");
    assert!(!plain.contains("s3:::conda/x/*"), "{plain}");
}

#[test]
fn volumes_have_names_of_their_own() {
    let text = flow(
        "",
        "@batch(host_volumes=['/a.b', '/a/b:/c', '/a.b:/d', '/x y'])",
        "",
    );
    let project = Project::new(&[("flow.py", &text)]);
    let words = [DEPLOYMENT, &["--code", "image:/app", "flow.py", "-o", "out/"]].concat();
    project.run(words).ends(0);
    let mut found = std::fs::read_dir(project.path("out/job-definitions")).unwrap();
    let definition = found.find_map(|file| {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let definition: Json = serde_json::from_str(&text).unwrap();
        definition["containerProperties"]["volumes"]
            .is_array()
            .then(|| definition["containerProperties"].clone())
    });
    let definition = definition.unwrap();
    let names = |list: &str, key: &str| -> Vec<String> {
        let entries = definition[list].as_array().unwrap().iter();
        entries.map(|one| one[key].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("volumes", "name"), ["_a_b", "_a_b_2", "_x_y"]);
    assert_eq!(
        names("mountPoints", "sourceVolume"),
        ["_a_b", "_a_b_2", "_a_b", "_x_y"]
    );
}

#[test]
fn an_execution_has_an_end() {
    let text = flow("", "", "");
    compile(&text, &["--workflow-timeout", "99999999"]).ends(0);
    compile(&text, &["--workflow-timeout", "100000000"])
        .ends(2)
        .complains("workflow-timeout: 100000000 seconds are given, Step Functions accepts 99999999");
}

#[test]
fn variables_of_the_job_are_told_in_every_form() {
    let text = flow(
        "",
        r#"@environment(vars={"METAFLOW_OWNER": "x", "MF_ATTEMPT": "7"})"#,
        "",
    );
    for options in [&[][..], &["--compress"]] {
        let ran = compile(&text, options).ends(0);
        for name in ["METAFLOW_OWNER", "MF_ATTEMPT"] {
            let said = format!("warning[FLC518]: `{name}` of `start` has no effect");
            assert!(ran.err.contains(&said), "{options:?}: {}", ran.err);
        }
    }
}

/// The command calls the flow by a variable where it calls it twice, and counts its tries to fetch the code package.
#[test]
fn variables_that_the_command_sets_are_told() {
    let given = r#"@environment(vars={"MF": "x", "MF_TRY": "y", "PYTHONPATH": "z"})"#;
    let project = Project::new(&[("flow.py", &flow("", given, given))]);
    let told = |code: &str| {
        let ran = project
            .run([DEPLOYMENT, &["--code", code, "flow.py"]].concat())
            .ends(0);
        let lines = ran.err.lines().filter(|line| line.contains("FLC518"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let said = |name: &str, step: &str| {
        format!(
            "warning[FLC518]: `{name}` of `{step}` has no effect: the definition sets this variable itself"
        )
    };
    assert_eq!(told("image:/app"), [said("MF", "start")]);
    let package = format!("s3://bucket/code@{}", "0".repeat(40));
    let all = [
        said("MF_TRY", "start"),
        said("MF", "start"),
        said("MF_TRY", "end"),
    ];
    assert_eq!(told(&package), all);
}

/// What Metaflow cuts or drops without a word.
#[test]
fn what_a_job_does_not_get_is_told() {
    let told = [
        (
            "shared_memory=1.5",
            "`shared_memory` of `start` is cut to 1: AWS Batch counts whole MiB, not 1.5",
        ),
        (
            "memory='512.7'",
            "`memory` of `start` is cut to 512: AWS Batch counts whole MiB, not 512.7",
        ),
        ("gpu=-1", "`gpu` of `start` has no effect: it is less than none"),
        (
            "efa=2",
            "`efa` of `start` is cut to 1: a job of one node gets one adapter, not 2",
        ),
        (
            "tmpfs_path='/x'",
            "`tmpfs_path` of `start` has no effect without `use_tmpfs` or `tmpfs_size`",
        ),
        (
            "execution_role='arn:aws:iam::123456789012:role/x'",
            "`execution_role` of `start` has no effect: it is for Fargate, and the queue is on EC2",
        ),
        (
            "executable='/bin/python3'",
            "`executable` of `@batch` has no effect on Step Functions: the interpreter comes from the environment of the step",
        ),
    ];
    for (attribute, said) in told {
        let ran = compile(&flow("", &format!("@batch({attribute})"), ""), &[]).ends(0);
        let said = format!("note[FLC402]: {said}");
        assert!(ran.err.contains(&said), "{attribute}: {}", ran.err);
    }
    let silent = [
        "memory=512.0, shared_memory='64', gpu=0, efa=1",
        "tmpfs_path='/x', tmpfs_size=64",
        "tmpfs_path='/x', tmpfs_tempdir=False",
    ];
    for attributes in silent {
        let ran = compile(&flow("", &format!("@batch({attributes})"), ""), &[]).ends(0);
        assert!(!ran.err.contains("FLC402"), "{attributes}: {}", ran.err);
    }
}

/// AWS Batch: `Value 1.0 for type VCPU in resourceRequirement is not valid`.
#[test]
fn cores_are_whole_on_ec2() {
    let text = flow("", "@batch(cpu=0.5)", "@resources(cpu=2.0)");
    let ran = compile(&text, &[]).ends(0);
    let said = "warning[FLC529]: AWS Batch refuses the job of `start`: it asks for 0.5 cores, and on EC2 they are whole";
    assert!(ran.err.contains(said), "{}", ran.err);
    assert_eq!(ran.err.matches("FLC529").count(), 1, "{}", ran.err);
    let ran = compile(
        &flow("", "@batch(cpu=0.5)", ""),
        &["--queue", "oracle-queue=fargate", "--set", ROLE],
    );
    assert!(!ran.err.contains("are whole"), "{}", ran.err);
}

/// An empty log driver is none, as in Metaflow.
#[test]
fn an_empty_log_driver_is_none() {
    let ran = bundle(&flow("", "@batch(log_driver='')", ""), &[]).ends(0);
    assert!(!ran.out.contains("LogConfiguration"), "{}", ran.out);
}

/// What flowc wrote it writes again, in every form.
#[test]
fn a_folder_is_written_again() {
    let text = flow("", "@batch(privileged=True)", "");
    let forms: [&[&str]; 4] = [
        &[],
        &["--compress"],
        &["--format", "yaml"],
        &["--workflow-timeout", "60"],
    ];
    for options in forms {
        let project = Project::new(&[("flow.py", &text)]);
        let words = [DEPLOYMENT, &["--code", "image", "flow.py", "-o", "out/"], options].concat();
        project.run(words.clone()).ends(0);
        project.run(words).ends(0);
    }
}
