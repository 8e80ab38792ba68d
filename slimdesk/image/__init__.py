"""What is inside an image: archives, layers, the merged tree, sizes, packages, the treemap's layout."""
