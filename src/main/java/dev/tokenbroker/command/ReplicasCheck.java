package dev.tokenbroker.command;

import dev.tokenbroker.base.jose.PeerJson;
import dev.tokenbroker.base.outcome.Evidence;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.command.doctor.CheckList;
import dev.tokenbroker.command.doctor.Defect;
import dev.tokenbroker.command.doctor.DoctorCheck;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Asks a broker which replicas it knows, and which facts are not equal at all of them. A look into
 * the store itself would need the key and the password of the store.
 */
final class ReplicasCheck {

  private static final int OK = 200;
  private static final String PATH = "/replicas";
  private static final int MAX_NAMED = 16;

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
    try (BrokerConnection broker = new BrokerConnection(http, options)) {
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
    List<String> unequal =
        elements(document.get("unequal_facts"))
            .limit(MAX_NAMED)
            .map(name -> Evidence.clean(String.valueOf(name)))
            .toList();
    if (!unequal.isEmpty()) {
      checks.found(
          Defect.REPLICAS_DIFFER,
          "not equal at all replicas: " + String.join(", ", unequal),
          "Compare the replicas at GET /replicas; src/docs/operate/store.md#who-is-up explains each fact.");
    } else if (Boolean.FALSE.equals(document.get("shared"))) {
      checks.passed(DoctorCheck.BROKER_REPLICAS, "the broker shares no store");
    } else {
      checks.passed(
          DoctorCheck.BROKER_REPLICAS, elements(document.get("replicas")).count() + " up");
    }
  }

  private static Stream<?> elements(@Nullable Object value) {
    return value instanceof List<?> list ? list.stream() : Stream.of();
  }
}
