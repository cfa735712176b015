package dev.tokenbroker.command;

import com.google.protobuf.InvalidProtocolBufferException;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.command.doctor.CheckGroup;
import dev.tokenbroker.command.doctor.CheckList;
import dev.tokenbroker.command.doctor.Defect;
import dev.tokenbroker.command.doctor.DoctorCheck;
import dev.tokenbroker.judge.issuer.DiscoveryDocument;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.net.URI;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The checks of {@code doctor} for a running broker: its ports, health, metadata and keys. */
final class BrokerChecks {

  private static final int OK = 200;
  private static final int UNAVAILABLE = 503;
  private static final String HEALTH = "grpc.health.v1.Health/Check";
  private static final String REFLECTION =
      "grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

  /** The request list_services (field 7) of the reflection protocol. */
  private static final byte[] LIST_SERVICES = {0x3A, 0};

  private static final String METADATA = "/.well-known/openid-configuration";
  private static final String KEYS = "/.well-known/jwks.json";
  private static final String NO_HTTP = "--broker-http is not given";
  private static final String PREREQUISITE = "an earlier check of the broker failed";

  private final Address grpc;
  private final @Nullable Address http;
  private final ConnectionOptions options;
  private final CheckList checks = new CheckList("broker");

  /**
   * @param http the address of the HTTP port; null to check gRPC only
   */
  BrokerChecks(Address grpc, @Nullable Address http, ConnectionOptions options) {
    this.grpc = grpc;
    this.http = http;
    this.options = options;
  }

  CheckGroup check() {
    grpc();
    if (http == null) {
      checks.skipped(DoctorCheck.BROKER_METADATA, NO_HTTP);
      checks.skipped(DoctorCheck.BROKER_KEYS, NO_HTTP);
    } else {
      metadata(http);
    }
    return checks.group();
  }

  private void grpc() {
    byte[] request =
        HealthCheckRequest.newBuilder()
            .setService(TokenBrokerGrpc.SERVICE_NAME)
            .build()
            .toByteArray();
    BrokerConnection.Reply reply;
    try {
      reply = call(HEALTH, request);
    } catch (Failure failure) {
      unreachable(failure, Defect.BROKER_UNREACHABLE);
      checks.skipped(DoctorCheck.BROKER_HEALTH, PREREQUISITE);
      checks.skipped(DoctorCheck.BROKER_REFLECTION, PREREQUISITE);
      return;
    }
    checks.passed(DoctorCheck.BROKER_CONNECTION, grpc.toString());
    health(reply);
    reflection();
  }

  private BrokerConnection.Reply call(String method, byte[] message) throws Failure {
    try (BrokerConnection broker = new BrokerConnection(grpc, options)) {
      return broker.call(method, message, Map.of());
    }
  }

  private void unreachable(Failure failure, Defect otherwise) {
    if (failure.code() == ExitCode.PROTOCOL) {
      checks.found(
          Defect.BROKER_NOT_ONE,
          failure.line(),
          "Give the gRPC port of the broker, 9000 unless token-broker.grpc.port says otherwise.");
    } else {
      checks.found(
          otherwise,
          failure.line(),
          "Compare the address, and --tls, with the settings and the log of the broker.");
    }
  }

  private void health(BrokerConnection.Reply reply) {
    try {
      ServingStatus status =
          reply.message() == null
              ? ServingStatus.UNKNOWN
              : HealthCheckResponse.parseFrom(reply.message().getBytes()).getStatus();
      if (status == ServingStatus.SERVING) {
        checks.passed(DoctorCheck.BROKER_HEALTH, TokenBrokerGrpc.SERVICE_NAME);
        return;
      }
      checks.found(
          Defect.BROKER_NOT_SERVING,
          reply.status() == 0
              ? TokenBrokerGrpc.SERVICE_NAME + " is " + status
              : "gRPC status " + reply.status() + " " + reply.detail(),
          "Read the failed checks at /q/health/ready of the management port.");
    } catch (InvalidProtocolBufferException other) {
      checks.found(
          Defect.BROKER_NOT_SERVING,
          "the response is no health response",
          "Give the address of the broker: another gRPC server answers.");
    }
  }

  private void reflection() {
    try {
      BrokerConnection.Reply reply = call(REFLECTION, LIST_SERVICES);
      if (reply.status() == 0) {
        checks.found(
            Defect.REFLECTION_ON,
            "the broker lists its services to anybody",
            "Set token-broker.grpc.reflection=false.");
      } else {
        checks.passed(DoctorCheck.BROKER_REFLECTION, "gRPC status " + reply.status());
      }
    } catch (Failure failure) {
      checks.skipped(DoctorCheck.BROKER_REFLECTION, failure.line());
    }
  }

  private void metadata(Address address) {
    byte[] document = get(address, METADATA);
    if (document == null) {
      checks.skipped(DoctorCheck.BROKER_KEYS, PREREQUISITE);
      return;
    }
    String issuer =
        PeerJson.object(document)
                    instanceof Outcome.Accepted<Map<String, Object>>(Map<String, Object> metadata)
                && metadata.get("issuer") instanceof String named
            ? named
            : "";
    switch (DiscoveryDocument.endpoint(document, issuer, "jwks_uri")) {
      case Outcome.Accepted<URI>(URI uri) ->
          checks.passed(DoctorCheck.BROKER_METADATA, "issuer " + issuer + ", jwks_uri " + uri);
      case Outcome.Refused<URI>(Refusal why) ->
          checks.found(
              Defect.METADATA_INVALID,
              why.seen(),
              "Set token-broker.token.issuer to the URL at which verifiers reach the broker.");
    }
    byte[] keys = get(address, KEYS);
    if (keys != null) {
      new BrokerKeyCheck(checks).check(keys);
    }
  }

  private byte @Nullable [] get(Address address, String path) {
    try (BrokerConnection broker = new BrokerConnection(address, options)) {
      BrokerConnection.HttpAnswer answer = broker.get(path);
      if (answer.status() == OK) {
        return answer.body().getBytes();
      }
      if (answer.status() == UNAVAILABLE) {
        checks.found(
            Defect.SIGNING_KEY_UNAVAILABLE,
            path + " answers 503: the broker has no signing key",
            "Check token-broker.token.key-files; the log of the broker names the problem.");
      } else {
        checks.found(
            Defect.METADATA_INVALID,
            path + " answers " + answer.status(),
            "Give --broker-http the HTTP port of the broker, 8080 or 8443 by default.");
      }
    } catch (Failure failure) {
      unreachable(failure, Defect.METADATA_UNREACHABLE);
    }
    return null;
  }

  /**
   * Checks the key set that a broker publishes: each key has its RFC 7638 thumbprint as its name.
   */
  static final class BrokerKeyCheck {

    private final CheckList checks;

    BrokerKeyCheck(CheckList checks) {
      this.checks = checks;
    }

    /** Checks the document at {@code /.well-known/jwks.json}. */
    void check(byte[] document) {
      List<JWK> keys = List.of();
      List<String> others = new ArrayList<>();
      try {
        if (PeerJson.object(document)
            instanceof Outcome.Accepted<Map<String, Object>>(Map<String, Object> members)) {
          keys = JWKSet.parse(members).getKeys();
        }
        for (JWK key : keys) {
          if (!Objects.equals(key.getKeyID(), key.computeThumbprint().toString())) {
            others.add(String.valueOf(key.getKeyID()));
          }
        }
      } catch (ParseException | JOSEException | IllegalArgumentException unreadable) {
        keys = List.of();
      }
      if (keys.isEmpty()) {
        checks.found(
            Defect.METADATA_INVALID,
            "the document is no JWK set with keys",
            "Check what stands between here and the broker: a broker without keys answers 503.");
      } else if (!others.isEmpty()) {
        checks.found(
            Defect.KEY_NAME_NOT_THUMBPRINT,
            "not the thumbprint of its key: " + String.join(", ", others),
            "Check what stands between here and the broker: a broker names keys by RFC 7638.");
      } else {
        checks.passed(DoctorCheck.BROKER_KEYS, keys.size() + " named by thumbprint");
      }
    }
  }
}
