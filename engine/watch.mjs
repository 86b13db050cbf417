/** @param {string} root */
export async function watch(root) {
  void root;
}
