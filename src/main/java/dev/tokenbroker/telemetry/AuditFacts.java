package dev.tokenbroker.telemetry;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.tokenbroker.exchange.ExchangeRecord;
import dev.tokenbroker.exchange.HandedToken;
import dev.tokenbroker.exchange.Verdict;
import dev.tokenbroker.outcome.Evidence;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an audit line says that is the same for all who are given one held token: what it was asked
 * of, by which credential, and what it is. The components, and those of the token, are members of
 * the line, as {@code src/docs/audit.md} describes them.
 */
record AuditFacts(
    String revision,
    @Nullable String issuer,
    @Nullable String rule,
    String target,
    List<String> notes,
    String credentialDigest,
    @Nullable String credentialSubject,
    @Nullable HandedToken token) {

  private static final SerializableString FEDERATION_REVISION =
      new SerializedString("federation_revision");
  private static final SerializableString ISSUER = new SerializedString("issuer");
  private static final SerializableString RULE = new SerializedString("rule");
  private static final SerializableString CREDENTIAL_SHA256_PREFIX =
      new SerializedString("credential_sha256_prefix");
  private static final SerializableString CREDENTIAL_SUB = new SerializedString("credential_sub");

  static AuditFacts of(ExchangeRecord record) {
    Verdict verdict = record.verdict();
    return new AuditFacts(
        verdict.federationRevision(),
        verdict.issuer(),
        verdict.rule(),
        verdict.target(),
        verdict.notes(),
        record.credentialDigest(),
        record.credentialSubject(),
        record.token());
  }

  /** Into the object that is being written. */
  void write(JsonGenerator json) throws IOException {
    AuditLine.text(json, FEDERATION_REVISION, revision);
    AuditLine.text(json, ISSUER, issuer);
    AuditLine.text(json, RULE, rule);
    AuditLine.text(json, AuditLine.TARGET, Evidence.clean(target));
    AuditLine.texts(json, AuditLine.NOTES, notes);
    AuditLine.text(json, CREDENTIAL_SHA256_PREFIX, credentialDigest);
    AuditLine.text(json, CREDENTIAL_SUB, AuditLine.subject(credentialSubject));
    if (token != null) {
      write(json, token);
    }
  }

  private static void write(JsonGenerator json, HandedToken token) throws IOException {
    AuditLine.text(json, AuditLine.TOKEN_ID, token.id());
    AuditLine.text(json, AuditLine.TOKEN_SUB, AuditLine.subject(token.subject()));
    AuditLine.texts(json, AuditLine.TOKEN_SCOPES, token.scopes());
    AuditLine.member(json, AuditLine.TOKEN_EXPIRE_TIME, AuditLine.ENDS.of(token.expireTime()));
  }
}
