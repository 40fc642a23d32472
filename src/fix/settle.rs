//! Finding out which of many do harm.

/// The members that pass together, in their order. Tries all at once, and where that fails each half
/// beside what has passed before: one bad member among many costs few trials. `is_sound` is told of the
/// whole candidate set each time, and what it last let pass is what is returned.
pub(super) fn settle<T: Copy, E>(
    members: &[T],
    mut is_sound: impl FnMut(&[T]) -> Result<(), E>,
    mut refuse: impl FnMut(T, E),
) -> Vec<T> {
    let mut passed: Vec<T> = Vec::new();
    let mut waiting = vec![members];
    while let Some(part) = waiting.pop() {
        if part.is_empty() {
            continue;
        }
        let before = passed.len();
        passed.extend_from_slice(part);
        let Err(reason) = is_sound(&passed) else { continue };
        passed.truncate(before);
        if let [single] = part {
            refuse(*single, reason);
        } else {
            let (first, second) = part.split_at(part.len() / 2);
            waiting.extend([second, first]);
        }
    }
    passed
}

#[cfg(test)]
mod tests {
    use super::settle;

    #[test]
    fn the_bad_ones_are_found_and_nothing_else() {
        let members: Vec<u32> = (0..1000).collect();
        let (mut trials, mut refused) = (0, Vec::new());
        let passed = settle(
            &members,
            |set| {
                trials += 1;
                if set.iter().any(|member| [17, 640].contains(member)) { Err("bad") } else { Ok(()) }
            },
            |member, _| refused.push(member),
        );
        assert_eq!(refused, [17, 640]);
        assert_eq!(passed.len(), 998);
        assert!(trials < 50, "{trials} trials");
    }

    #[test]
    fn of_two_that_do_not_go_together_the_first_stays() {
        let mut refused = Vec::new();
        let passes = |set: &[u32]| if set.contains(&2) && set.contains(&3) { Err(()) } else { Ok(()) };
        assert_eq!(settle(&[1, 2, 3, 4], passes, |member, ()| refused.push(member)), [1, 2, 4]);
        assert_eq!(refused, [3]);
    }
}
