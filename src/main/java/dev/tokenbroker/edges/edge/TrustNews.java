package dev.tokenbroker.edges.edge;

import dev.tokenbroker.base.change.ChangeListener;
import io.quarkus.tls.CertificateUpdatedEvent;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.tls.runtime.config.TlsConfig;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Reports changed authorities of TLS configurations. Quarkus reloads certificates on a timer,
 * whether they have changed or not, so this class compares them.
 */
@Singleton
final class TrustNews {

  private final AuthorityChanges changes;
  private final TlsConfigurationRegistry registry;
  private final TlsConfig settings;

  /** The authorities by the name of the configuration; guarded by this. */
  private final Map<String, Set<X509Certificate>> known = new HashMap<>();

  TrustNews(ChangeListener changes, TlsConfigurationRegistry registry, TlsConfig settings) {
    this.changes = new AuthorityChanges(changes);
    this.registry = registry;
    this.settings = settings;
  }

  synchronized void started(@Observes Startup event) {
    registry.getDefault().ifPresent(one -> known.put(TlsConfig.DEFAULT_NAME, authorities(one)));
    for (String name : settings.namedCertificateConfig().keySet()) {
      registry.get(name).ifPresent(one -> known.put(name, authorities(one)));
    }
  }

  synchronized void updated(@Observes CertificateUpdatedEvent event) {
    Set<X509Certificate> now = authorities(event.tlsConfiguration());
    Set<X509Certificate> before = known.put(event.name(), now);
    if (before != null) {
      changes.compare(event.name(), before, now);
    }
  }

  private static Set<X509Certificate> authorities(TlsConfiguration configuration) {
    KeyStore store = configuration.getTrustStore();
    Set<X509Certificate> found = new HashSet<>();
    if (store == null) {
      return found;
    }
    try {
      for (String alias : Collections.list(store.aliases())) {
        if (store.getCertificate(alias) instanceof X509Certificate authority) {
          found.add(authority);
        }
      }
    } catch (KeyStoreException notLoaded) {
      throw new IllegalStateException("a trust store in use is loaded", notLoaded);
    }
    return found;
  }
}
