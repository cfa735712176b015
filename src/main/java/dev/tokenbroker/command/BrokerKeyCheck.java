package dev.tokenbroker.command;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import dev.tokenbroker.base.jose.PeerJson;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.command.doctor.CheckList;
import dev.tokenbroker.command.doctor.Defect;
import dev.tokenbroker.command.doctor.DoctorCheck;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Checks the key set that a broker publishes: each key has its RFC 7638 thumbprint as its name. */
final class BrokerKeyCheck {

  private final CheckList checks;

  BrokerKeyCheck(CheckList checks) {
    this.checks = checks;
  }

  /** Checks the document at {@code /.well-known/jwks.json}. */
  void check(byte[] document) {
    List<String> others = new ArrayList<>();
    int count = 0;
    try {
      for (Map<?, ?> members : jwks(document)) {
        JWK key = JWK.parse(textNamed(members));
        count++;
        if (!Objects.equals(key.getKeyID(), key.computeThumbprint().toString())) {
          others.add(String.valueOf(key.getKeyID()));
        }
      }
    } catch (ParseException | JOSEException | IllegalArgumentException unreadable) {
      count = 0;
    }
    if (count == 0) {
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
      checks.passed(DoctorCheck.BROKER_KEYS, count + " named by thumbprint");
    }
  }

  private static List<Map<?, ?>> jwks(byte[] document) {
    List<Map<?, ?>> jwks = new ArrayList<>();
    if (PeerJson.object(document)
            instanceof Outcome.Accepted<Map<String, Object>>(Map<String, Object> members)
        && members.get("keys") instanceof List<?> keys) {
      for (Object key : keys) {
        if (key instanceof Map<?, ?> jwk) {
          jwks.add(jwk);
        }
      }
    }
    return jwks;
  }

  private static Map<String, Object> textNamed(Map<?, ?> members) {
    Map<String, Object> named = new LinkedHashMap<>();
    members.forEach((name, value) -> named.put(String.valueOf(name), value));
    return named;
  }
}
