rows = ["你好，世界", "✅ done", "⚠️ later", "👨‍👩‍👧‍👦 🇨🇿 👍🏽", "café é", "plain"]
widths = [10, 7, 8, 8, 6, 5]
print("┌────────────┐")
for row, width in zip(rows, widths, strict=True):
    print(f"│ {row}{' ' * (10 - width)} │")
print("└────────────┘")
