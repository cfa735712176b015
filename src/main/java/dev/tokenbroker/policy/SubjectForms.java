package dev.tokenbroker.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The other ways in which a known issuer writes, or has written, the same subject. Only for hints:
 * no form is ever taken for another when it is decided.
 *
 * <p>GitHub Actions writes {@code repo:OWNER/REPO:rest}, or {@code repo:OWNER@ID/REPO@ID:rest} once
 * immutable subject claims are switched on; owners and repositories are compared without regard to
 * case there, while {@code sub} is not.
 */
final class SubjectForms {

  private static final Pattern WITH_IDS =
      Pattern.compile("repo:([^/@:]++)@\\d++/([^/@:]++)@\\d++(:.*+)?+", Pattern.DOTALL);
  private static final Pattern WITHOUT_IDS =
      Pattern.compile("repo:([^/@:]++)/([^/@:]++)(:.*+)?+", Pattern.DOTALL);

  private SubjectForms() {}

  /**
   * Another form.
   *
   * @param subject the subject in that form
   * @param description completes "if sub were written …"
   */
  record Form(String subject, String description) {}

  /**
   * The other forms of this subject, most likely first.
   *
   * @param claims the credential's claims, which may hold the ids that a form needs
   * @param texts string constants of a condition: those that are another form of the subject are
   *     among the answer
   */
  static List<Form> others(String subject, Map<String, Object> claims, Set<String> texts) {
    List<Form> forms = new ArrayList<>();
    withoutIds(subject)
        .ifPresent(plain -> forms.add(new Form(plain, "in GitHub's form without ids")));
    withIds(subject, claims)
        .ifPresent(ids -> forms.add(new Form(ids, "in GitHub's form with immutable ids")));
    for (String text : texts) {
      if (!text.equals(subject) && text.equalsIgnoreCase(subject)) {
        forms.add(new Form(text, "in other letter case"));
      } else if (!text.equals(subject) && plainest(text).equals(plainest(subject))) {
        forms.add(
            withoutIds(subject).isPresent()
                ? new Form(text, "in GitHub's form without ids")
                : new Form(text, "in GitHub's form with immutable ids"));
      }
    }
    String lower = subject.toLowerCase(Locale.ROOT);
    if (!lower.equals(subject)) {
      forms.add(new Form(lower, "in lower case"));
    }
    return forms;
  }

  private static String plainest(String subject) {
    return withoutIds(subject).orElse(subject).toLowerCase(Locale.ROOT);
  }

  private static Optional<String> withoutIds(String subject) {
    Matcher matcher = WITH_IDS.matcher(subject);
    return matcher.matches()
        ? Optional.of("repo:" + matcher.group(1) + "/" + matcher.group(2) + rest(matcher))
        : Optional.empty();
  }

  private static Optional<String> withIds(String subject, Map<String, Object> claims) {
    Matcher matcher = WITHOUT_IDS.matcher(subject);
    if (!matcher.matches()
        || !(claims.get("repository_owner_id") instanceof String ownerId)
        || !(claims.get("repository_id") instanceof String repositoryId)) {
      return Optional.empty();
    }
    return Optional.of(
        "repo:"
            + matcher.group(1)
            + "@"
            + ownerId
            + "/"
            + matcher.group(2)
            + "@"
            + repositoryId
            + rest(matcher));
  }

  private static String rest(Matcher matcher) {
    String rest = matcher.group(3);
    return rest == null ? "" : rest;
  }
}
