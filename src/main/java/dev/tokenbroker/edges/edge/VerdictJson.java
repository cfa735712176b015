package dev.tokenbroker.edges.edge;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.tokenbroker.edges.edge.Explanations.DisclosedExplanation;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The JSON form of the API message {@code Verdict}: members have the names of its fields, values of
 * enums are in lower case without their prefix, and empty members are left out.
 */
public final class VerdictJson {

  private static final JsonFormat.Printer MESSAGES =
      JsonFormat.printer().preservingProtoFieldNames();

  /** A quotation mark within a text is escaped, so no text matches. */
  private static final Pattern ENUM_VALUE =
      Pattern.compile("(?<=\"(?:outcome|result)\": \")(?:OUTCOME|STEP_RESULT)_([A-Z_]+)");

  private VerdictJson() {}

  /** The message as JSON. */
  public static JsonObject of(dev.tokenbroker.v1.Verdict message) {
    try {
      return new JsonObject(
          ENUM_VALUE
              .matcher(MESSAGES.print(message))
              .replaceAll(value -> value.group(1).toLowerCase(Locale.ROOT)));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a verdict that has no JSON", e); // only an Any has none
    }
  }

  /**
   * The verdict for operators. Beside the members of the message it has the intent, the notes apart
   * from the hints, and the time of each step.
   */
  public static JsonObject of(Verdict verdict) {
    JsonObject json =
        of(VerdictMessages.of(verdict))
            .put("intent", verdict.intent().label())
            .put("hints", verdict.hints())
            .put("notes", verdict.notes());
    JsonArray steps = json.getJsonArray("steps");
    for (int at = 0; at < verdict.steps().size(); at++) {
      steps.getJsonObject(at).put("micros", verdict.steps().get(at).nanos() / 1_000);
    }
    return json;
  }

  /** The verdict for operators, with that of the candidate in it, where there is one. */
  public static JsonObject of(DisclosedExplanation shown) {
    JsonObject json = of(shown.verdict());
    return shown.candidate() == null ? json : json.put("candidate", of(shown.candidate()));
  }
}
