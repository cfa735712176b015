package dev.tokenbroker.judge.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The other forms in which a known issuer writes, or has written, the same subject. Only for hints:
 * a decision never treats two forms as equal.
 *
 * <p>GitHub Actions writes {@code repo:OWNER/REPO:rest}, or {@code repo:OWNER@ID/REPO@ID:rest} once
 * immutable subject claims are switched on. GitHub ignores the case of owners and repositories, but
 * the case of {@code sub} counts.
 */
record SubjectForms(
    String subject, boolean hasIds, String plainest, List<SubjectForms.Form> usual) {

  private static final String WITHOUT = "in GitHub's form without ids";
  private static final String WITH = "in GitHub's form with immutable ids";

  private static final Pattern WITH_IDS =
      Pattern.compile("repo:([^/@:]++)@\\d++/([^/@:]++)@\\d++(:.*+)?+", Pattern.DOTALL);
  private static final Pattern WITHOUT_IDS =
      Pattern.compile("repo:([^/@:]++)/([^/@:]++)(:.*+)?+", Pattern.DOTALL);

  /**
   * Another form.
   *
   * @param subject the subject in that form
   * @param description completes "if sub were written …"
   */
  record Form(String subject, String description) {}

  /**
   * The forms of this subject.
   *
   * @param claims the credential's claims, which may hold the ids that a form needs
   */
  static SubjectForms of(String subject, Map<String, Object> claims) {
    List<Form> usual = new ArrayList<>();
    Optional<String> plain = withoutIds(subject);
    plain.ifPresent(form -> usual.add(new Form(form, WITHOUT)));
    withIds(subject, claims).ifPresent(form -> usual.add(new Form(form, WITH)));
    String lower = subject.toLowerCase(Locale.ROOT);
    if (!lower.equals(subject)) {
      usual.add(new Form(lower, "in lower case"));
    }
    return new SubjectForms(subject, plain.isPresent(), plainest(subject), List.copyOf(usual));
  }

  /**
   * This text as another form of the subject, if it is one.
   *
   * @param text a string constant of a condition
   */
  Optional<Form> writtenAs(String text) {
    if (text.equals(subject)) {
      return Optional.empty();
    }
    if (text.equalsIgnoreCase(subject)) {
      return Optional.of(new Form(text, "in other letter case"));
    }
    // If both have ids, the ids differ: the text means another repository of the same name.
    return withoutIds(text).isPresent() != hasIds && plainest(text).equals(plainest)
        ? Optional.of(new Form(text, hasIds ? WITHOUT : WITH))
        : Optional.empty();
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
