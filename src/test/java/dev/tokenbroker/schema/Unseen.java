package dev.tokenbroker.schema;

import dev.tokenbroker.base.yaml.Problem;
import java.util.Arrays;
import java.util.Collection;
import java.util.regex.Pattern;

/**
 * The kinds of problems that no schema of one file can see. All other problems are structural, and
 * an editor must find them.
 */
public enum Unseen {
  /** A name that is declared nowhere, or declared with other content than the entry relies on. */
  REFERENCE(
      "^no (issuer|client|upstream|target) '|^there is no identity '|^'like' leads back"
          + "|has no effect, since the (tokens for|request speaks)"
          + "|has no effect without 'present: minted'|^a JWT for an upstream has"
          + "|^tokens for .* live for|^the target .* has the name of an upstream"
          + "|^'repositories' has no effect|' is more than the target |is none of the target "
          + "|is no permission of GitHub with a level$|^'scopes' lists none$"
          + "|^the file is not listed in 'owners'"),
  /** A name or URL that another entry has, or a key that stands twice in a mapping. */
  DUPLICATE(
      "^the same proof belongs|is already (declared|listed) at|already belongs to|stands twice;"
          + " first in line|stands twice in 'repositories'|^two cases have the name"),
  /** The size of a session policy as JSON. */
  POLICY_SIZE("^the policy has \\d+ characters"),
  /** The content of a CEL expression. */
  EXPRESSION("column \\d+: |^'subject' begins with 'client:'"),
  /** The content of another file, or its absence. */
  FILE(
      "^'jwksFile' .* (cannot be read|is no usable key set)|^the file of '|^an entry of 'cases'"
          + " matches (no file|more than)|^all entries of 'cases' together match"),
  /** Whether a key set has a usable key. */
  KEY_SET("^'jwks' is no usable key set"),
  /** The bounds of a duration in the notation of ISO 8601. */
  ISO_DURATION("is out of bounds: P"),
  /** The bounds of time in another zone than UTC. */
  ZONED_TIME(
      "^'now' is no time from 1970 to 9998: (\\+0+)?"
          + "(1969-12-31|1970-01-01|9998-12-31|9999-01-01)[Tt][0-9:.]*[+-](?!00:00(:00)?$)[0-9:]*$"),
  /** Whether the ranges of a bracket expression ascend. */
  BRACKETS("^an entry of 'cases' is not a valid pattern: .*\\["),
  /** A number of more than 64 bits: editors round it. */
  LARGE_NUMBER("has more than 64 bits"),
  /** What the files of a directory together lack. */
  WHOLE_DOCUMENT("^no issuer is declared$"),
  /** http to this host, which a setting allows. */
  SETTING("does not begin with https://: http://(localhost|127\\.|\\[::1)");

  private final Pattern message;

  Unseen(String message) {
    this.message = Pattern.compile(message);
  }

  /** Whether an editor must see that something is wrong. */
  public static boolean isStructural(Collection<Problem> problems) {
    return problems.stream()
        .anyMatch(problem -> Arrays.stream(values()).noneMatch(kind -> kind.covers(problem)));
  }

  private boolean covers(Problem problem) {
    return message.matcher(problem.message()).find();
  }
}
