package dev.tokenbroker.outcome;

import java.util.ArrayList;
import java.util.List;

/**
 * Holds settings of a feature against what it can do with, and collects those that are unfit. The
 * feature itself asks for nothing else ({@link #require}), and whoever starts it can ask before.
 */
public final class SettingLimits {

  private final String prefix;
  private final List<UnfitSetting> unfit = new ArrayList<>();

  /**
   * @param prefix what the names of the settings begin with, the dot included
   */
  public SettingLimits(String prefix) {
    this.prefix = prefix;
  }

  /** Demands a value between two bounds, or at one of them. */
  public <T extends Comparable<T>> SettingLimits within(String key, T value, T least, T most) {
    return demand(
        value.compareTo(least) >= 0 && value.compareTo(most) <= 0,
        key,
        "is " + value + ".",
        "Set it to " + least + " at least and " + most + " at most.");
  }

  /** Demands a value at a bound or above it. */
  public <T extends Comparable<T>> SettingLimits least(String key, T value, T least) {
    return demand(
        value.compareTo(least) >= 0, key, "is " + value + ".", "Set it to " + least + " at least.");
  }

  /**
   * Demands what is no matter of bounds.
   *
   * @param problem what is wrong where it is not met, as in {@link UnfitSetting}
   */
  public SettingLimits demand(boolean met, String key, String problem, String remedy) {
    if (!met) {
      unfit.add(new UnfitSetting(prefix + key, problem, remedy));
    }
    return this;
  }

  /** What is unfit so far, in the order in which it was asked for; empty where nothing is. */
  public List<UnfitSetting> unfit() {
    return List.copyOf(unfit);
  }

  /**
   * Goes on only where nothing is unfit.
   *
   * @throws IllegalArgumentException naming the first setting that is
   */
  public void require() {
    if (!unfit.isEmpty()) {
      UnfitSetting first = unfit.getFirst();
      throw new IllegalArgumentException(
          first.setting() + " " + first.problem() + " " + first.remedy());
    }
  }
}
