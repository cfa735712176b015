package dev.tokenbroker.command;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import dev.tokenbroker.base.jose.PeerJson;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.command.doctor.CheckList;
import dev.tokenbroker.command.doctor.Defect;
import dev.tokenbroker.command.doctor.DoctorCheck;
import java.text.ParseException;
import java.util.ArrayList;
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
