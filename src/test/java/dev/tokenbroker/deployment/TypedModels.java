package dev.tokenbroker.deployment;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.certmanager.api.model.v1.Certificate;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.BackendTLSPolicy;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The typed models of resources that Kubernetes itself does not have, as fabric8 generates them
 * from their sources. The models keep unknown fields; here such a field is a problem.
 */
final class TypedModels {

  private static final Map<String, Class<?>> TYPES =
      Map.of(
          "gateway.networking.k8s.io/v1/HTTPRoute", HTTPRoute.class,
          "gateway.networking.k8s.io/v1/GRPCRoute", GRPCRoute.class,
          "gateway.networking.k8s.io/v1/BackendTLSPolicy", BackendTLSPolicy.class,
          "monitoring.coreos.com/v1/ServiceMonitor", ServiceMonitor.class,
          "monitoring.coreos.com/v1/PrometheusRule", PrometheusRule.class,
          "cert-manager.io/v1/Certificate", Certificate.class);

  private final ObjectMapper mapper =
      JsonMapper.builder().annotationIntrospector(new NoUnknownFields()).build();

  static boolean know(String kind) {
    return TYPES.containsKey(kind);
  }

  /** What is wrong with a manifest of that kind; the first problem only. */
  List<String> problems(String kind, Map<String, Object> manifest) {
    try {
      mapper.convertValue(manifest, Objects.requireNonNull(TYPES.get(kind), kind));
      return List.of();
    } catch (IllegalArgumentException e) {
      return List.of(String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
  }

  /** Overlooks the methods that take unknown fields in. */
  private static final class NoUnknownFields extends JacksonAnnotationIntrospector {

    private static final long serialVersionUID = 1;

    @Override
    public Boolean hasAnySetter(Annotated annotated) {
      return false;
    }
  }
}
