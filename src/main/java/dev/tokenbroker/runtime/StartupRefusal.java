package dev.tokenbroker.runtime;

import java.util.List;

/**
 * What the settings must not be when the broker starts.
 *
 * @param setting the key
 * @param problem what is wrong, in one sentence
 * @param remedy what to do
 */
record StartupRefusal(String setting, String problem, String remedy) {

  static String describe(List<StartupRefusal> refusals) {
    StringBuilder text = new StringBuilder("The broker does not start:");
    for (StartupRefusal refusal : refusals) {
      text.append(" ").append(refusal.setting()).append(": ").append(refusal.problem());
      text.append(" ").append(refusal.remedy());
    }
    return text.toString();
  }
}
