package dev.tokenbroker.telemetry;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.tokenbroker.exchange.ExchangeRecord;
import dev.tokenbroker.exchange.Verdict;
import dev.tokenbroker.outcome.Evidence;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an audit line says that is the same for all who are given one held token: what it was asked
 * of, by which credential, and what it is. The components are members of the line, as {@code
 * src/docs/audit.md} describes them.
 */
record AuditFacts(
    String revision,
    @Nullable String issuer,
    @Nullable String rule,
    String target,
    List<String> notes,
    String credentialDigest,
    @Nullable String credentialSubject,
    @Nullable String tokenId,
    @Nullable String tokenSubject,
    List<String> tokenScopes,
    @Nullable Instant tokenExpireTime) {

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
        record.tokenId(),
        record.tokenSubject(),
        record.tokenScopes(),
        record.tokenExpireTime());
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
    if (tokenId != null) { // what a token would have been is not to be taken for one
      token(json, tokenId);
    }
  }

  private void token(JsonGenerator json, String id) throws IOException {
    AuditLine.text(json, AuditLine.TOKEN_ID, id);
    AuditLine.text(json, AuditLine.TOKEN_SUB, AuditLine.subject(tokenSubject));
    AuditLine.texts(json, AuditLine.TOKEN_SCOPES, tokenScopes);
    if (tokenExpireTime != null) {
      AuditLine.member(json, AuditLine.TOKEN_EXPIRE_TIME, AuditLine.ENDS.of(tokenExpireTime));
    }
  }
}
