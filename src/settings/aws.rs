//! Names in the forms that AWS takes. Knows no setting.

/// The ARN of a role.
pub fn is_role(text: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next().unwrap_or_default();
    let (arn, partition, service, region, account, role) = (next(), next(), next(), next(), next(), next());
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let name = role.strip_prefix("role/").unwrap_or_default();
    arn == "arn"
        && !partition.is_empty()
        && service == "iam"
        && region.is_empty()
        && is_account
        && !name.is_empty()
}

/// A job queue of AWS Batch: its name or its ARN.
pub fn is_queue(text: &str) -> bool {
    text.starts_with("arn:") || text.len() <= 128 && text.chars().all(|letter| is_word(letter, "-_"))
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

fn is_word(letter: char, others: &str) -> bool {
    letter.is_ascii_alphanumeric() || others.contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(!is_queue("a queue") && !is_queue(&"q".repeat(129)));
        assert!(is_table("a.b") && !is_table("ab") && !is_table("a/bc"));
        assert!(is_region("eu-central-1") && !is_region("Frankfurt") && !is_region("eu_central_1"));
    }
}
