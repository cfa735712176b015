package dev.tokenbroker.federation;

import dev.tokenbroker.issuer.KeyLocation;
import dev.tokenbroker.issuer.KeySetDocument;
import dev.tokenbroker.issuer.Sha256;
import dev.tokenbroker.issuer.SigningAlgorithm;
import dev.tokenbroker.policy.Expression;
import dev.tokenbroker.policy.Rule;
import dev.tokenbroker.policy.Supply;
import dev.tokenbroker.policy.Target;
import dev.tokenbroker.possession.BindingDemand;
import dev.tokenbroker.token.ClientAuthentication;
import dev.tokenbroker.token.UpstreamDefinition;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The revision of a document: SHA-256 over what it means. Comments, formatting, the order of keys,
 * of issuers, of upstreams, of targets and of sets, the split into files, and defaults written out
 * or left out do not change it; the order of rules, and the content of key sets in files, do. Equal
 * revisions decide alike. Of files with secrets only the path goes in, never the content: a
 * revision is shown to many, and a short secret could be guessed from it.
 *
 * <p>Each text goes in behind its length, each list behind its size, so that no two documents run
 * together to the same bytes.
 */
final class CanonicalForm {

  /** Changes whenever the same document would come to mean something else. */
  private static final String VERSION = "token-broker/federation/1";

  private final MessageDigest digest = Sha256.begin();

  private CanonicalForm() {}

  /** 64 hexadecimal digits. */
  static String revision(FederationDocument document) {
    CanonicalForm form = new CanonicalForm();
    form.text(VERSION);
    form.size(document.issuers());
    document.issuers().stream()
        .sorted(Comparator.comparing(DeclaredIssuer::name))
        .forEach(form::issuer);
    form.size(document.targets());
    document.targets().stream()
        .sorted(Comparator.comparing(Target::audience))
        .forEach(form::target);
    form.size(document.rules());
    document.rules().forEach(form::rule);
    if (!document.upstreams().isEmpty()) { // documents without any keep the revision they had
      form.size(document.upstreams());
      document.upstreams().stream()
          .sorted(Comparator.comparing(DeclaredUpstream::name))
          .forEach(form::upstream);
    }
    return HexFormat.of().formatHex(form.digest.digest());
  }

  private void issuer(DeclaredIssuer issuer) {
    text(issuer.name());
    text(issuer.issuer());
    texts(issuer.trust().audiences().stream().sorted().toList());
    texts(issuer.trust().algorithms().stream().map(SigningAlgorithm::jwaName).sorted().toList());
    text(issuer.trust().leeway().toString());
    text(issuer.trust().maxTokenAge());
    text(issuer.disabled());
    if (issuer.trust().once()) { // documents without it keep the revision they had
      text("once");
    }
    switch (issuer.keys()) {
      case DeclaredIssuer.Keys.Remote(KeyLocation location) -> {
        text("remote");
        text(location.jwksUri());
        text(location.tls());
      }
      case DeclaredIssuer.Keys.Fixed(String content, KeySetDocument _) -> {
        text("fixed");
        text(content);
      }
    }
  }

  private void target(Target target) {
    text(target.audience());
    switch (target.supply()) {
      case Supply.Mint(Duration lifetime, BindingDemand bind) -> {
        text(lifetime);
        if (bind != BindingDemand.NOTHING) {
          text(bind.label());
        }
      }
      case Supply.Exchange exchange -> {
        text("exchange");
        text(exchange.upstream());
        text(exchange.audience());
        texts(exchange.resources());
        number(exchange.scopes() == null ? -1 : 1);
        texts(exchange.scopes() == null ? List.of() : exchange.scopes());
        texts(
            new TreeMap<>(exchange.parameters())
                .entrySet().stream()
                    .flatMap(entry -> Stream.of(entry.getKey(), entry.getValue()))
                    .toList());
      }
    }
  }

  private void upstream(DeclaredUpstream declared) {
    UpstreamDefinition upstream = declared.definition();
    text(upstream.name());
    text(upstream.issuer());
    text(upstream.tokenEndpoint());
    text(upstream.grant().label());
    text(upstream.tls());
    text(upstream.authentication().clientId());
    text(declared.secretFile());
    switch (upstream.authentication()) {
      case ClientAuthentication.Basic _ -> text("client_secret_basic");
      case ClientAuthentication.Post _ -> text("client_secret_post");
      case ClientAuthentication.PrivateKeyJwt key -> {
        text("private_key_jwt");
        text(key.keyId());
      }
      case ClientAuthentication.MutualTls _ -> text("tls_client_auth");
      case ClientAuthentication.Federated _ -> text("federated");
      case ClientAuthentication.None _ -> text("none");
    }
  }

  private void rule(Rule rule) {
    text(rule.name());
    text(rule.issuerName());
    text(rule.audience());
    text(rule.when().source());
    Expression subject = rule.terms().subject();
    text(subject == null ? null : subject.source());
    texts(rule.terms().scopes());
    size(rule.terms().claims().keySet());
    new TreeMap<>(rule.terms().claims())
        .forEach(
            (name, expression) -> {
              text(name);
              text(expression.source());
            });
    text(rule.disabled());
    text(rule.outlivesCredential());
  }

  private void texts(List<String> texts) {
    size(texts);
    texts.forEach(this::text);
  }

  private void size(Collection<?> items) {
    number(items.size());
  }

  private void text(@Nullable Object value) {
    if (value == null) {
      number(-1);
      return;
    }
    byte[] bytes = value.toString().getBytes(StandardCharsets.UTF_8);
    number(bytes.length);
    digest.update(bytes);
  }

  private void number(int number) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
  }
}
