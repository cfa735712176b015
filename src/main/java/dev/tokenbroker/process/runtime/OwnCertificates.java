package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.outcome.BoundedFile;
import dev.tokenbroker.base.outcome.Change;
import dev.tokenbroker.base.outcome.Change.SubjectKind;
import dev.tokenbroker.base.outcome.ChangeKind;
import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.base.outcome.SettingLimits.UnfitSetting;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.base.time.Rounds;
import dev.tokenbroker.peers.http.Peer;
import dev.tokenbroker.peers.http.PeerCertificates;
import dev.tokenbroker.peers.trust.CertifiedKeys;
import dev.tokenbroker.peers.trust.PresentedCertificate;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.tls.CertificateUpdatedEvent;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.tls.runtime.CertificateRecorder;
import io.quarkus.tls.runtime.KeyStoreAndKeyCertOptions;
import io.quarkus.tls.runtime.config.TlsBucketConfig;
import io.quarkus.tls.runtime.config.TlsConfig;
import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.URI;
import java.nio.file.FileSystemException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Checks the broker's own certificates and keys before they serve, keeps the last good ones, and
 * reports files that are unusable and certificates that expire soon.
 *
 * <p>Quarkus reads the files of a TLS configuration again, says nothing if it cannot, and puts any
 * pair into force by an event. This class observes the event before all others: an exception keeps
 * the event from them.
 */
@Singleton
final class OwnCertificates {

  private static final int FIRST = 1;
  private static final int LAST = 10_000;
  private static final Duration ROUND = Duration.ofSeconds(5);
  private static final URI HERE = URI.create("https://localhost");

  private final PeerCertificates expiries;
  private final ChangeListener changes;
  private final Vertx vertx;
  private final Clocks clock;
  private final Map<String, TlsBucketConfig> settings = new TreeMap<>();
  private final Map<String, List<PresentedCertificate>> inForce = new ConcurrentHashMap<>();
  private final Map<String, String> told = new ConcurrentHashMap<>();
  private final Rounds rounds =
      new Rounds(OwnCertificates.class, "own-certificates", "Certificates could not be checked");

  OwnCertificates(
      TlsConfig tls, PeerCertificates expiries, ChangeListener changes, Vertx vertx, Clocks clock) {
    this.expiries = expiries;
    this.changes = changes;
    this.vertx = vertx;
    this.clock = clock;
    settings.putAll(tls.namedCertificateConfig());
    tls.defaultCertificateConfig().ifPresent(one -> settings.put(TlsConfig.DEFAULT_NAME, one));
  }

  void start(@Observes @Priority(LAST) StartupEvent event) {
    rounds.begin(Duration.ZERO, ROUND, () -> settings.forEach(this::look));
  }

  @PreDestroy
  void stop() {
    rounds.close();
  }

  /** Key stores with which the broker does not start. */
  List<UnfitSetting> unfit(TlsConfigurationRegistry registry) {
    List<UnfitSetting> unfit = new ArrayList<>();
    settings.forEach(
        (name, one) -> {
          try {
            KeyCertOptions pairs =
                registry.get(name).map(TlsConfiguration::getKeyStoreOptions).orElse(null);
            if (pairs != null) {
              inForce.put(name, CertifiedKeys.of(pairs, vertx));
            }
          } catch (Exception bad) { // as Vert.x declares it
            unfit.add(
                new UnfitSetting(
                    ("quarkus.tls." + name + ".key-store")
                        .replace(TlsConfig.DEFAULT_NAME + ".", ""),
                    "is unusable: " + why(one, bad) + ".",
                    "Give the key and the certificate that belong together."));
          }
        });
    return unfit;
  }

  /** Throws for a bad pair, so that the observers after this one do not put it into force. */
  void updated(@Observes @Priority(FIRST) CertificateUpdatedEvent event) throws Exception {
    KeyCertOptions pairs = event.tlsConfiguration().getKeyStoreOptions();
    if (pairs != null) {
      inForce.put(event.name(), usable(event.name(), pairs));
    }
  }

  /** Reads the files as Quarkus does, and reports what is wrong with them. */
  void look(String name, TlsBucketConfig one) {
    String problem = "";
    if (one.reloadPeriod().isPresent()) {
      try {
        KeyStoreAndKeyCertOptions read = CertificateRecorder.getKeyStore(one, vertx, name);
        if (read != null) {
          var _ = usable(name, read.options);
        }
        var _ = CertificateRecorder.getTrustStore(one, vertx, name);
      } catch (Exception bad) { // as Vert.x declares it
        problem = why(one, bad);
      }
    }
    if (!problem.equals(told.put(name, problem)) && !problem.isEmpty()) {
      String is = problem + "; what was read before stays in force";
      changes.changed(new Change(ChangeKind.CERTIFICATE_REJECTED, SubjectKind.TLS, name, "", is));
    }
    inForce.getOrDefault(name, List.of()).stream()
        .limit(1)
        .forEach(own -> expiries.compare(new Peer(SubjectKind.TLS, name, ""), HERE, own));
  }

  /** The certificates, each in force already or in its time. */
  private List<PresentedCertificate> usable(String name, KeyCertOptions pairs) throws Exception {
    List<PresentedCertificate> read = CertifiedKeys.of(pairs, vertx);
    Instant now = clock.instant();
    for (PresentedCertificate one : read) {
      if (!inForce.getOrDefault(name, List.of()).contains(one)
          && (now.isBefore(one.notBefore()) || now.isAfter(one.notAfter()))) {
        throw new GeneralSecurityException(
            "the certificate of %s is valid from %s until %s, and now it is %s"
                .formatted(one.subject(), one.notBefore(), one.notAfter(), now));
      }
    }
    return read;
  }

  /** Names the files, and what is wrong with them. */
  private static String why(TlsBucketConfig one, Exception bad) {
    Throwable root = bad;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root instanceof FileSystemException unreadable
        ? unreadable.getMessage() + ": " + BoundedFile.why(unreadable)
        : one.keyStore().stream()
                .flatMap(store -> store.pem().stream())
                .flatMap(pem -> pem.keyCerts().values().stream())
                .map(pair -> pair.cert() + " and " + pair.key() + ": ")
                .collect(Collectors.joining())
            + root.getMessage();
  }
}
