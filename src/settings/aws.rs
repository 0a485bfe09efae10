//! Names in the forms that AWS takes. Knows no setting.

/// What [`is_role`] and [`is_queue`] accept, in words that follow "it must be".
pub const ROLE: &str = "the ARN of a role: `arn:aws:iam::123456789012:role/NAME`";
pub const QUEUE: &str = "a job queue: up to 128 letters, digits, `-` and `_`, or an ARN";
pub const LOG_GROUP: &str =
    "the ARN of a log group: `arn:aws:logs:eu-central-1:123456789012:log-group:NAME:*`";

/// AWS: keys and values of tags, in characters.
const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 256;

/// The ARN of a role.
pub fn is_role(text: &str) -> bool {
    let Some([region, name]) = arn(text, "iam", "role/") else {
        return false;
    };
    region.is_empty() && !name.is_empty()
}

/// Region and name of what an ARN of this service and kind names.
fn arn<'a>(text: &'a str, service: &str, kind: &str) -> Option<[&'a str; 2]> {
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next().unwrap_or_default();
    let (start, partition, of, region, account, rest) = (next(), next(), next(), next(), next(), next());
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let is_right = start == "arn" && partition.starts_with("aws") && of == service && is_account;
    Some([region, rest.strip_prefix(kind)?]).filter(|_| is_right)
}

/// A job queue of AWS Batch: its name or its ARN.
pub fn is_queue(text: &str) -> bool {
    let is_name =
        |text: &str| (1..=128).contains(&text.len()) && text.chars().all(|letter| is_word(letter, "-_"));
    match arn(text, "batch", "job-queue/") {
        Some([region, name]) => is_region(region) && is_name(name),
        None => is_name(text),
    }
}

/// The ARN of a log group; Step Functions takes it only with `:*` at its end.
pub fn is_log_group(text: &str) -> bool {
    let Some([region, name]) = arn(text, "logs", "log-group:") else {
        return false;
    };
    is_region(region) && name.strip_suffix(":*").is_some_and(|name| !name.is_empty())
}

/// The name of an S3 bucket.
pub fn is_bucket(text: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    (3..=63).contains(&text.len())
        && text.starts_with(is_plain)
        && text.ends_with(is_plain)
        && text
            .chars()
            .all(|letter| is_plain(letter) || ".-".contains(letter))
}

/// Why AWS does not take a tag, in words that follow "the tag".
pub fn problem_of_tag(key: &str, value: &str) -> Option<String> {
    if key.is_empty() {
        return Some("has no key".to_owned());
    }
    let is_reserved = |text: &str| text.to_ascii_lowercase().starts_with("aws:");
    if is_reserved(key) || is_reserved(value) {
        return Some("begins with `aws:`, which AWS keeps for itself".to_owned());
    }
    if key.chars().count() > LONGEST_KEY || value.chars().count() > LONGEST_VALUE {
        return Some("is too long: a key has at most 128 characters, a value 256".to_owned());
    }
    let mut all = key.chars().chain(value.chars());
    let wrong = all.find(|&character| !is_allowed_in_tag(character))?;
    let wrong = wrong.escape_debug();
    Some(format!(
        "holds `{wrong}`; allowed are letters, digits, blanks and `+-=._:/@`"
    ))
}

/// What AWS allows in a tag.
pub fn is_allowed_in_tag(character: char) -> bool {
    let is_blank = character.is_whitespace() && !character.is_control();
    character.is_alphanumeric() || is_blank || "+-=._:/@".contains(character)
}

/// The name of a DynamoDB table.
pub fn is_table(text: &str) -> bool {
    (3..=255).contains(&text.len()) && text.chars().all(|letter| is_word(letter, "-_."))
}

/// A region's name, one that is not known today too.
pub fn is_region(text: &str) -> bool {
    text.contains('-')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Can a role be in this region? China and the US government have partitions of their own, `aws-cn` and `aws-us-gov`.
pub fn is_of_region(role: &str, region: &str) -> bool {
    let partition = role.strip_prefix("arn:").and_then(|rest| rest.split(':').next());
    let apart = [("cn-", "aws-cn"), ("us-gov-", "aws-us-gov")];
    apart
        .iter()
        .all(|(start, name)| region.starts_with(start) == (partition == Some(*name)))
}

fn is_word(letter: char, others: &str) -> bool {
    letter.is_ascii_alphanumeric() || others.contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_in_the_partition_of_their_region() {
        let role = |partition: &str| format!("arn:{partition}:iam::123456789012:role/job");
        for (partition, region) in [
            ("aws-cn", "cn-north-1"),
            ("aws", "us-east-1"),
            ("aws-us-gov", "us-gov-east-1"),
        ] {
            assert!(is_of_region(&role(partition), region), "{region}");
        }
        assert!(is_of_region(&role("aws-iso"), "us-iso-east-1"));
        assert!(!is_of_region(&role("aws"), "cn-north-1") && !is_of_region(&role("aws-cn"), "us-east-1"));
        assert!(!is_of_region(&role("aws"), "us-gov-west-1"));
    }

    #[test]
    fn names_are_held_against_their_forms() {
        assert!(is_role("arn:aws:iam::123456789012:role/metaflow/job"));
        assert!(is_role("arn:aws-us-gov:iam::123456789012:role/job"));
        for wrong in [
            "job",
            "arn:aws:iam::1234:role/job",
            "arn:aws:iam::123456789012:user/x",
            "arn:aws:iam::123456789012:role/",
        ] {
            assert!(!is_role(wrong), "{wrong}");
        }
        assert!(is_queue("metaflow_q-1") && is_queue("arn:aws:batch:eu-central-1:123456789012:job-queue/q"));
        assert!(!is_queue("a queue") && !is_queue(&"q".repeat(129)) && !is_queue("arn:x") && !is_queue(""));
        assert!(is_bucket("my.bucket-1") && !is_bucket("My_Bucket") && !is_bucket("b") && !is_bucket("-ab"));
        assert!(is_log_group(
            "arn:aws-cn:logs:cn-north-1:123456789012:log-group:/a/b:*"
        ));
        assert!(!is_log_group("arn:aws:logs:eu-west-1:123456789012:log-group:/a/b") && !is_log_group("/a/b"));
        assert!(is_table("a.b") && !is_table("ab") && !is_table("a/bc"));
        assert!(is_region("eu-central-1") && !is_region("Frankfurt") && !is_region("eu_central_1"));
    }
}
