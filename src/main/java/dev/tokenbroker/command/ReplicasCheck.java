package dev.tokenbroker.command;

import dev.tokenbroker.command.doctor.CheckList;
import dev.tokenbroker.command.doctor.Defect;
import dev.tokenbroker.command.doctor.DoctorCheck;
import dev.tokenbroker.jose.PeerJson;
import dev.tokenbroker.outcome.Evidence;
import dev.tokenbroker.outcome.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks a broker which replicas it knows, and in what they differ. A look into the store itself
 * would need the key and the password of the store.
 */
final class ReplicasCheck {

  private static final int OK = 200;
  private static final String PATH = "/replicas";
  private static final int MAX_NAMED = 8;

  private final CheckList checks;
  private final Address http;
  private final ConnectionOptions options;
  private final @Nullable String token;

  /**
   * @param token the token of an operator; null to skip the check
   */
  ReplicasCheck(CheckList checks, Address http, ConnectionOptions options, @Nullable String token) {
    this.checks = checks;
    this.http = http;
    this.options = options;
    this.token = token;
  }

  void check() {
    if (token == null) {
      checks.skipped(DoctorCheck.BROKER_REPLICAS, "--authorization-file is not given");
      return;
    }
    try (BrokerConnection broker = new BrokerConnection(http, options, ShortLivedVertx.start())) {
      BrokerConnection.HttpAnswer answer =
          broker.get(PATH, Map.of("Authorization", "Bearer " + token));
      if (answer.status() != OK) {
        checks.skipped(
            DoctorCheck.BROKER_REPLICAS,
            PATH + " answers " + answer.status() + ": the token may lack the scope operate");
      } else if (PeerJson.object(answer.body().getBytes())
          instanceof Outcome.Accepted<Map<String, Object>>(Map<String, Object> document)) {
        judge(document);
      } else {
        checks.skipped(DoctorCheck.BROKER_REPLICAS, PATH + " answers no JSON object");
      }
    } catch (Failure failure) {
      checks.skipped(DoctorCheck.BROKER_REPLICAS, failure.line());
    }
  }

  private void judge(Map<String, Object> document) {
    List<Map<?, ?>> replicas = objects(document.get("replicas"));
    List<String> settled = differences(replicas, true);
    List<String> recent = differences(replicas, false);
    if (!settled.isEmpty()) {
      checks.found(
          Defect.REPLICAS_DIFFER,
          first(settled),
          "See src/docs/runbook.md#replicas-differ for each fact.");
    } else if (!recent.isEmpty()) {
      checks.found(
          Defect.REPLICAS_SETTLE,
          first(recent),
          "Check again after token-broker.store.settling-time, or give --wait.");
    } else if (Boolean.FALSE.equals(document.get("shared"))) {
      checks.passed(DoctorCheck.BROKER_REPLICAS, "the broker shares no store");
    } else {
      checks.passed(DoctorCheck.BROKER_REPLICAS, replicas.size() + " up");
    }
  }

  private static List<String> differences(List<Map<?, ?>> replicas, boolean settled) {
    List<String> texts = new ArrayList<>();
    for (Map<?, ?> replica : replicas) {
      for (Map<?, ?> difference : objects(replica.get("differs"))) {
        if (settled == Boolean.TRUE.equals(difference.get("settled"))) {
          texts.add(text(replica, difference));
        }
      }
    }
    return texts;
  }

  private static String text(Map<?, ?> replica, Map<?, ?> difference) {
    Object part = difference.get("part");
    return Evidence.clean(
        "%s: %s%s %s, others %s"
            .formatted(
                replica.get("name"),
                difference.get("fact"),
                part == null ? "" : " of " + part,
                difference.get("is"),
                difference.get("others")));
  }

  private static String first(List<String> texts) {
    String first = String.join("; ", texts.subList(0, Math.min(MAX_NAMED, texts.size())));
    return texts.size() > MAX_NAMED ? first + "; and " + (texts.size() - MAX_NAMED) : first;
  }

  private static List<Map<?, ?>> objects(@Nullable Object value) {
    List<Map<?, ?>> objects = new ArrayList<>();
    if (value instanceof List<?> list) {
      for (Object element : list) {
        if (element instanceof Map<?, ?> object) {
          objects.add(object);
        }
      }
    }
    return objects;
  }
}
